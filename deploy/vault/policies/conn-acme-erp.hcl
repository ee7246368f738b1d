# Connection "erp" of tenant "acme": database users made on demand.
# Deleting this policy is the connection's kill switch: issued tokens lose the path at once.
path "database/creds/acme-erp" { capabilities = ["read"] }
