"""Threat protection: what is known of a sign-in, how risky that makes it, and what the pool's rules do about it."""
