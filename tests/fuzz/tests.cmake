# The record's header is the one thing that producers in any language write and navvy must read.
navvy_fuzzer(record LINKS job)
# The configuration is written by people, and shown to them again.
navvy_fuzzer(config LINKS config)
# Errors are whatever handlers say.
navvy_fuzzer(signature LINKS admin)
# Requests are whatever anybody sends to the port of the operators' view.
navvy_fuzzer(request LINKS admin)
# The traceparent is a part of what producers write.
navvy_fuzzer(traceparent LINKS job)
