/*
 * replay: the main() of a fuzz target that is run as an ordinary test: once with nothing, once with
 * each file of the folders that it is given. A corpus that is not there is a failure.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

enum { INPUT_BYTES_MAX = 64 * 1024 };

static int replay_file(const char *folder, const char *name)
{
    static uint8_t input[INPUT_BYTES_MAX + 1];
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    size_t len = file != NULL ? fread(input, 1, sizeof input, file) : 0;
    if (file == NULL || ferror(file) != 0 || len > INPUT_BYTES_MAX) {
        fprintf(stderr, "%s: cannot be read, or is over %d bytes\n", path, INPUT_BYTES_MAX);
        exit(EXIT_FAILURE);
    }
    fclose(file);
    fprintf(stderr, "%s\n", path); /* the last one named is the one that failed */
    (void)LLVMFuzzerTestOneInput(input, len);
    return 1;
}

static int replay_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    int files = 0;

    if (dir == NULL)
        return 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir))
        files += entry->d_name[0] == '.' ? 0 : replay_file(folder, entry->d_name);
    closedir(dir);
    return files;
}

int main(int argc, char **argv)
{
    (void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    for (int i = 1; i < argc; i++) {
        if (replay_folder(argv[i]) == 0) {
            fprintf(stderr, "%s: no corpus\n", argv[i]);
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}
