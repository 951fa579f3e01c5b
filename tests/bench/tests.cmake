# Not tests: built with them, so that they stay true to the code, and run by hand.
add_executable(bench_pool ${CMAKE_CURRENT_LIST_DIR}/bench_pool.c)
target_link_libraries(bench_pool PRIVATE pool)

# bench_latency: from a push to an idle worker until its job is settled.
add_executable(bench_latency ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_latency.c)
target_link_libraries(bench_latency PRIVATE redis)

# bench_plugin_call: what a plugin costs before it does anything; run by handlers/plugin.
add_executable(bench_plugin_call ${CMAKE_CURRENT_SOURCE_DIR}/bench/handlers/plugin_call.c)
target_link_libraries(bench_plugin_call PRIVATE handler)

# bench_ceiling: what Redis can do at most; tests/bench/drain --ceiling runs it.
add_executable(bench_ceiling ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_ceiling.c)
target_link_libraries(bench_ceiling PRIVATE redis)

# bench_exec_spawn: programs that are started and waited for; run by handlers/exec.
add_executable(bench_exec_spawn ${CMAKE_CURRENT_SOURCE_DIR}/bench/handlers/exec_spawn.c)
target_link_libraries(bench_exec_spawn PRIVATE handler)

# bench_http_load: a server that says 200 at once, and a bare client for it; run by handlers/http.
add_executable(bench_http_load ${CMAKE_CURRENT_SOURCE_DIR}/bench/handlers/http_load.c)
target_link_libraries(bench_http_load PRIVATE base)
