# The dispatcher encrypts the arguments of the runs that it starts; it reads no payload and no secret.
path "transit-payload/datakey/plaintext/ns-*" { capabilities = ["update"] }
