# Not tests: built and run by hand, `cmake --build --preset release --target bench_pool`.
add_executable(bench_pool EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/bench_pool.c)
target_link_libraries(bench_pool PRIVATE pool)
