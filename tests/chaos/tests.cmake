# chaos: workers, a Redis, and a schedule of faults from a seed; see main.c. Run by tests/fault/chaos.
set(chaos_folder ${CMAKE_CURRENT_SOURCE_DIR}/chaos)
file(GLOB chaos_sources CONFIGURE_DEPENDS ${chaos_folder}/*.c)
list(REMOVE_ITEM chaos_sources ${chaos_folder}/ledger.c)
add_executable(chaos_ledger ${chaos_folder}/ledger.c)
target_link_libraries(chaos_ledger PRIVATE base)
add_executable(chaos ${chaos_sources})
target_link_libraries(chaos PRIVATE support)
target_compile_definitions(chaos PRIVATE CHAOS_LEDGER_BIN="$<TARGET_FILE:chaos_ledger>")
add_dependencies(chaos chaos_ledger)

# That it finds what is wrong, and lets pass what is not.
add_test(NAME fault.chaos COMMAND ${chaos_folder}/selftest.sh $<TARGET_FILE:chaos>)
set_tests_properties(fault.chaos PROPERTIES LABELS fault TIMEOUT 180)
