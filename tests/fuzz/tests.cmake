# The record's header is the one thing that producers in any language write and navvy must read.
navvy_fuzzer(record LINKS job)
