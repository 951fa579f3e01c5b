# Every target links build_flags: one place for language, warnings, sanitizers and hardening.
add_library(build_flags INTERFACE)
target_compile_definitions(build_flags INTERFACE _GNU_SOURCE NAVVY_VERSION="${PROJECT_VERSION}")
target_include_directories(build_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_options(build_flags INTERFACE -Wall -Wextra -Wshadow -Wconversion
    -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wcast-qual
    -Wwrite-strings -Wswitch-enum -Wimplicit-fallthrough
    $<$<C_COMPILER_ID:Clang>:-Wno-string-conversion> # CHECK(!"what was thought impossible")
    $<$<BOOL:${NAVVY_WERROR}>:-Werror>)

if(NAVVY_SANITIZE)
  target_compile_options(build_flags INTERFACE -fsanitize=${NAVVY_SANITIZE}
      -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(build_flags INTERFACE -fsanitize=${NAVVY_SANITIZE})
endif()

if(NAVVY_HARDEN)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  target_compile_options(build_flags INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
      -fstack-protector-strong -fstack-clash-protection)
  target_link_options(build_flags INTERFACE -pie -Wl,-z,relro,-z,now)
endif()

if(NAVVY_FUZZ)
  target_compile_options(build_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

if(NAVVY_FAULTS)
  target_compile_definitions(build_flags INTERFACE NAVVY_FAULTS)
endif()
