# The door verifies webhooks and seals bodies; it can neither open a stored body nor list or write a secret.
path "kv/data/webhooks/+/+" { capabilities = ["read"] }

# New data keys only: "update" without "create", so that a wrong name never makes a key.
path "transit-payload/datakey/plaintext/tenant-*" { capabilities = ["update"] }
