/* function: has the right name, for the wrong thing. */
__attribute__((visibility("default"))) void navvy_plugin(void);

void navvy_plugin(void)
{
}
