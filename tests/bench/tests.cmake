# Not tests: built with them, so that they stay true to the code, and run by hand.
# bench_handover: the pool's ring beside other queues; those of libraries only where they are found.
pkg_check_modules(ck QUIET IMPORTED_TARGET ck)
pkg_check_modules(glib QUIET IMPORTED_TARGET glib-2.0)
set(handover ${CMAKE_CURRENT_LIST_DIR}/handover)
add_executable(bench_handover ${handover}/main.c ${handover}/trial.c ${handover}/through_pool.c
    ${handover}/queue_ring.c ${handover}/queue_locked.c)
target_link_libraries(bench_handover PRIVATE pool)
foreach(library ck glib)
  if(${library}_FOUND)
    string(TOUPPER ${library} name)
    target_sources(bench_handover PRIVATE ${handover}/queue_${library}.c)
    target_compile_definitions(bench_handover PRIVATE HAVE_${name})
    target_link_libraries(bench_handover PRIVATE PkgConfig::${library})
  endif()
endforeach()

# bench_floor: what the machine itself takes from a push to a start; run by latency.
add_executable(bench_floor ${CMAKE_CURRENT_SOURCE_DIR}/bench/bench_floor.c)
target_link_libraries(bench_floor PRIVATE redis Threads::Threads)

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
