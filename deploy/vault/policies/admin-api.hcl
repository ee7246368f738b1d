# The admin API stores secrets and cannot read them: no "read" on kv/data.
# "patch" sets or removes (null) one secret of a source without seeing the others.
path "kv/data/webhooks/+/+"    { capabilities = ["create", "update", "patch"] }
path "kv/data/connections/+/+" { capabilities = ["create", "update", "patch"] }

# Versions and times, no values.
path "kv/metadata/webhooks/+/+"    { capabilities = ["read"] }
path "kv/metadata/connections/+/+" { capabilities = ["read"] }

# The codec endpoint of the operator listener: Temporal payloads only, never stored bodies (tenant-*).
path "transit-payload/decrypt/ns-*" { capabilities = ["update"] }

# A person may replace the body that stops a lane: sealed like the door's, and as little to be read back.
path "transit-payload/datakey/plaintext/tenant-*" { capabilities = ["update"] }
