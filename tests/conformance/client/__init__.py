"""The OpenID Foundation's plans for relying parties, played against the house by a provider that misbehaves on demand."""
