# The worker opens stored bodies and Temporal payloads, and seals effect outputs and results.
path "transit-payload/datakey/plaintext/tenant-*" { capabilities = ["update"] }
path "transit-payload/decrypt/tenant-*"           { capabilities = ["update"] }
path "transit-payload/datakey/plaintext/ns-*"     { capabilities = ["update"] }
path "transit-payload/decrypt/ns-*"               { capabilities = ["update"] }

# Leases that it took. Which credentials it may take is decided per connection: see conn-*.hcl.
path "sys/leases/renew"  { capabilities = ["update"] }
path "sys/leases/revoke" { capabilities = ["update"] }
