# What README.md shows, tried with the program as built.
add_test(NAME e2e.quick_start COMMAND ${CMAKE_CURRENT_LIST_DIR}/quick_start.sh
         ${PROJECT_SOURCE_DIR}/README.md $<TARGET_FILE:navvy>)
add_test(NAME e2e.readme_commands COMMAND ${CMAKE_CURRENT_LIST_DIR}/readme_commands.sh
         ${PROJECT_SOURCE_DIR} $<TARGET_FILE:navvy>)
set_tests_properties(e2e.quick_start e2e.readme_commands PROPERTIES LABELS e2e TIMEOUT 90)

# The plugins of examples/, with what navvy installs.
add_test(NAME e2e.plugin_examples COMMAND ${CMAKE_CURRENT_LIST_DIR}/plugin_examples.sh
         ${CMAKE_COMMAND} ${PROJECT_BINARY_DIR} ${CMAKE_INSTALL_PREFIX} ${PROJECT_SOURCE_DIR})
set_tests_properties(e2e.plugin_examples PROPERTIES LABELS e2e TIMEOUT 120)
