# Plugins for tests, good ones and odd ones: build/PRESET/tests/plugins/NAME.so. They are built as
# anybody's are, from the public header alone.
set(TEST_PLUGINS ${PROJECT_BINARY_DIR}/tests/plugins)
add_custom_target(test_plugins)

# test_plugin(NAME SOURCE [DEFINITION...])
function(test_plugin name source)
  set(target plugin_${name})
  add_library(${target} MODULE ${CMAKE_CURRENT_SOURCE_DIR}/plugins/${source})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${target} PRIVATE _GNU_SOURCE ${ARGN})
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow
      $<$<BOOL:${NAVVY_WERROR}>:-Werror>)
  if(NAVVY_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${NAVVY_SANITIZE})
    target_link_options(${target} PRIVATE -fsanitize=${NAVVY_SANITIZE})
  endif()
  set_target_properties(${target} PROPERTIES PREFIX "" OUTPUT_NAME ${name}
      LIBRARY_OUTPUT_DIRECTORY ${TEST_PLUGINS})
  add_dependencies(test_plugins ${target})
endfunction()

test_plugin(behave behave.c)
test_plugin(trace_a trace.c TRACE_NAME="a")
test_plugin(trace_b trace.c TRACE_NAME="b")

test_plugin(plain odd.c)
test_plugin(bystander odd.c ODD_HANDLE=0 ODD_AFTER=after)
test_plugin(no_symbol odd.c ODD_SYMBOL="another_name")
test_plugin(abi_0 odd.c ODD_ABI=0)
test_plugin(abi_2 odd.c ODD_ABI=2)
test_plugin(size_0 odd.c ODD_SIZE=0)
test_plugin(size_small odd.c "ODD_SIZE=sizeof(struct navvy_plugin) - 1")
test_plugin(size_later odd.c "ODD_SIZE=sizeof(struct odd)")
test_plugin(size_later_used odd.c "ODD_SIZE=sizeof(struct odd)" ODD_LATER=1)
test_plugin(no_handle odd.c ODD_HANDLE=0)
test_plugin(unresolved unresolved.c)

foreach(test unit_handler_plugin unit_handler_plugin_load unit_handler_middleware e2e_plugin e2e_results)
  if(TARGET test_${test})
    target_compile_definitions(test_${test} PRIVATE TEST_PLUGINS="${TEST_PLUGINS}")
    add_dependencies(test_${test} test_plugins)
  endif()
endforeach()
