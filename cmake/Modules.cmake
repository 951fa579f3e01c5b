# navvy_module(pool LINKS job): every .c file of the folder, and of folders in it, as one static library of
# its name; but cli/, which is a program.
function(navvy_module name)
  cmake_parse_arguments(M "" "" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${name}/*.c
      ${PROJECT_SOURCE_DIR}/${name}/*/*.c)
  list(FILTER sources EXCLUDE REGEX "/cli/[^/]*$")
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC build_flags ${M_LINKS})
endfunction()

# navvy_scripts(redis): adds redis/lua/*.lua to the library, byte for byte.
function(navvy_scripts module)
  file(GLOB lua CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${module}/lua/*.lua)
  set(embed ${PROJECT_SOURCE_DIR}/cmake/EmbedLua.cmake)
  set(out ${PROJECT_BINARY_DIR}/script_data.c)
  add_custom_command(OUTPUT ${out}
      COMMAND ${CMAKE_COMMAND} "-DIN=${lua}" -DOUT=${out} -P ${embed}
      DEPENDS ${lua} ${embed} VERBATIM)
  target_sources(${module} PRIVATE ${out})
endfunction()

# navvy_page(admin page): adds the files of admin/page to the library, byte for byte.
function(navvy_page module folder)
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${module}/${folder}/*.*)
  set(embed ${PROJECT_SOURCE_DIR}/cmake/EmbedFiles.cmake)
  set(out ${PROJECT_BINARY_DIR}/${folder}_data.c)
  add_custom_command(OUTPUT ${out}
      COMMAND ${CMAKE_COMMAND} "-DIN=${files}" -DOUT=${out} -P ${embed}
      DEPENDS ${files} ${embed} VERBATIM)
  target_sources(${module} PRIVATE ${out})
endfunction()

# navvy_tests(unit/job TIMEOUT 60 LINKS job): each tests/unit/job/test_*.c is one program and one
# test, `unit.job.record`; it links what it is given and nothing above.
function(navvy_tests folder)
  cmake_parse_arguments(T "" "TIMEOUT" "LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/test_*.c)
  string(REPLACE "/" "." label ${folder})
  string(REPLACE "/" "_" prefix ${folder})
  string(REGEX REPLACE "/.*" "" kind ${folder})
  foreach(source IN LISTS sources)
    get_filename_component(test ${source} NAME_WE)
    string(REGEX REPLACE "^test_" "" test ${test})
    add_executable(test_${prefix}_${test} ${source})
    target_link_libraries(test_${prefix}_${test} PRIVATE ${T_LINKS} PkgConfig::cmocka)
    add_test(NAME ${label}.${test} COMMAND test_${prefix}_${test})
    set_tests_properties(${label}.${test} PROPERTIES LABELS ${kind} TIMEOUT ${T_TIMEOUT})
  endforeach()
endfunction()

# navvy_fuzzer(record LINKS job): tests/fuzz/fuzz_record.c. Its corpus is replayed by an ordinary
# test, `fuzz.record`, in every preset; the preset fuzz also builds the fuzzer.
function(navvy_fuzzer name)
  cmake_parse_arguments(F "" "" "LINKS" ${ARGN})
  set(folder ${PROJECT_SOURCE_DIR}/tests/fuzz)
  add_executable(replay_${name} ${folder}/fuzz_${name}.c ${folder}/replay.c)
  target_link_libraries(replay_${name} PRIVATE ${F_LINKS})
  add_test(NAME fuzz.${name} COMMAND replay_${name} ${folder}/corpus/${name})
  set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 60)
  if(NAVVY_FUZZ)
    add_executable(fuzz_${name} ${folder}/fuzz_${name}.c)
    target_link_libraries(fuzz_${name} PRIVATE ${F_LINKS})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  endif()
endfunction()
