"""
The portal: what a person may open, why, and how to get what they may not.

    tiles       the home page, as one person sees it here and now
    rules       a policy, rule by rule, in words: the verdict is the gateway's own
    request     a request for access as a record; ``requests`` asks, grants and refuses
    waiting     how many requests wait, for the navigation
    what_if     the same evaluator for other people, other places, other policies
    probing     asks apps around the gateway; ``findings`` says what the answers mean
    loops       sign-ins that go round in circles

``gateway.judge`` and ``gateway.policy.decide`` are the only ones that decide; nothing here decides beside them.
"""
