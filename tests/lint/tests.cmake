# The house rules, one test each; selftest proves that each of them can fail.
foreach(rule layers names lengths headers format lua waits docs logs)
  add_test(NAME lint.${rule} COMMAND ${CMAKE_CURRENT_LIST_DIR}/${rule}.sh ${PROJECT_SOURCE_DIR})
endforeach()
add_test(NAME lint.selftest COMMAND ${CMAKE_CURRENT_LIST_DIR}/selftest.sh)
set_tests_properties(lint.layers lint.names lint.lengths lint.headers lint.format lint.lua lint.waits
    lint.docs lint.logs lint.selftest PROPERTIES LABELS lint TIMEOUT 120 SKIP_RETURN_CODE 77)
set_tests_properties(lint.headers lint.selftest PROPERTIES ENVIRONMENT "CC=${CMAKE_C_COMPILER}")
