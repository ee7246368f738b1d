# For a person in an emergency, never for a service. Can only take away: deleting a policy cannot widen one.
path "sys/policies/acl/conn-*"                  { capabilities = ["delete"] }
path "database/creds/kill-*"                    { capabilities = ["read"] }
path "sys/leases/revoke-prefix/database/creds/*" { capabilities = ["update", "sudo"] }
path "sys/leases/lookup/database/creds/*"       { capabilities = ["list", "sudo"] }
path "auth/token/revoke-accessor"               { capabilities = ["update"] }
