# What `cmake --install` adds to the program: man pages, sample configuration, unit file, completion.
set(NAVVY_UNIT_DIR lib/systemd/system CACHE STRING "Where the systemd unit goes, below the prefix")

configure_file(${CMAKE_CURRENT_LIST_DIR}/navvy.service.in ${PROJECT_BINARY_DIR}/navvy.service @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/navvy.service DESTINATION ${NAVVY_UNIT_DIR})

# For plugins: the header, and where pkg-config finds it. Its folder is two below the prefix.
configure_file(${CMAKE_CURRENT_LIST_DIR}/navvy.pc.in ${PROJECT_BINARY_DIR}/navvy.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/navvy.pc DESTINATION share/pkgconfig)
install(FILES ${PROJECT_SOURCE_DIR}/include/navvy/handler.h DESTINATION include/navvy)

foreach(section 1 5 7 8)
  file(GLOB pages CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/docs/man/*.${section})
  install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()

install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples USE_SOURCE_PERMISSIONS)
# The sample goes with the examples; /etc/navvy/navvy.yaml is the operator's own.
install(FILES ${CMAKE_CURRENT_LIST_DIR}/navvy.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/prometheus ${CMAKE_CURRENT_LIST_DIR}/grafana
        DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES ${CMAKE_CURRENT_LIST_DIR}/completion.bash OPTIONAL RENAME navvy
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)

# Installs into a folder of its own and looks whether everything is there and works from there.
if(BUILD_TESTING)
  add_test(NAME install.tree COMMAND ${CMAKE_CURRENT_LIST_DIR}/test_install.sh
           ${CMAKE_COMMAND} ${PROJECT_BINARY_DIR} ${CMAKE_INSTALL_PREFIX})
  set_tests_properties(install.tree PROPERTIES LABELS install TIMEOUT 60)
endif()
