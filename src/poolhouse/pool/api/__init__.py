"""
Cognito's JSON protocol: bytes to an operation and back.

    operations    Call, the mark of an operation, and the check that it fits the model
    dispatch      the pipeline: target, caller, limits, request, operation, reply; for HTTP and for the console
    protocol      the outer forms: headers, errors, CORS, who may send an administrator's operation
    sigv4         verify Signature Version 4        sigv4_claim   parse what a request says of its signature
    paging        pages of a list and their sealed tokens      views         what is shown of users and groups

The other modules hold the operations, a family in each. They import flows, model, spec and kit.
"""
