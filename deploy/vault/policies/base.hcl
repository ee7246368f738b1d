# Every service: look after its own token, ask what it may do (readiness). Nothing else.
# Roles are created with token_no_default_policy, so this is all that a token has by itself.
path "auth/token/lookup-self" { capabilities = ["read"] }
path "auth/token/renew-self"  { capabilities = ["update"] }
path "auth/token/revoke-self" { capabilities = ["update"] }
path "sys/capabilities-self"  { capabilities = ["update"] }
