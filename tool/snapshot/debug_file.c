// SPDX-License-Identifier: GPL-2.0
/*
 * Invariant: only the file itself is read. libdw would also search for separate debug information,
 * and ask servers for it; both callbacks for that find nothing.
 */
#include "snapshot/debug_file.h"

#ifdef TOOL_HAS_LIBDW

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"

struct symbol {
	const char *name;
	GElf_Addr address;
	GElf_Word section;
	uint64_t size;		/* of the ELF symbol; 0 for some code in assembly */
	uint64_t distance;	/* to the next symbol in the section; 0 for the last one */
};

struct debug_file {
	Dwfl *dwfl;
	Dwfl_Module *module;
	struct symbol *symbol;	/* sorted by name */
	size_t count;
};

bool debug_file_supported(void)
{
	return true;
}

static int find_no_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, char **path, Elf **elf)
{
	(void)module, (void)data, (void)name, (void)base, (void)path, (void)elf;
	return -1;
}

static int find_no_debug(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base, const char *path, const char *link, GElf_Word crc,
			 char **debug_path)
{
	(void)module, (void)data, (void)name, (void)base, (void)path, (void)link, (void)crc, (void)debug_path;
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_no_elf,
	.find_debuginfo = find_no_debug,
	.section_address = dwfl_offline_section_address,
};

/* Returns a descriptor or -errno. Opening a FIFO must not block. */
static int open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return -EINVAL;
}

/* libelf reads a file that was cut as one with fewer sections, or with empty ones. */
static bool is_whole(Elf *elf)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	GElf_Ehdr head;
	size_t size, count;

	if (!elf_rawfile(elf, &size) || !gelf_getehdr(elf, &head) || elf_getshdrnum(elf, &count))
		return false;
	if (head.e_shoff && (head.e_shoff > size || !count || (size - head.e_shoff) / head.e_shentsize < count))
		return false;
	while ((section = elf_nextscn(elf, section)))
		if (!gelf_getshdr(section, &header) ||
		    (header.sh_type != SHT_NOBITS && (header.sh_offset > size || size - header.sh_offset < header.sh_size)))
			return false;
	return true;
}

static bool has_section(Elf *elf, const char *name)
{
	Elf_Scn *section = NULL;
	GElf_Shdr header;
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return false;
	while ((section = elf_nextscn(elf, section))) {
		const char *found = gelf_getshdr(section, &header) ? elf_strptr(elf, names, header.sh_name) : NULL;

		if (found && !strcmp(found, name))
			return true;
	}
	return false;
}

static bool is_code(Elf *elf, GElf_Word section)
{
	Elf_Scn *found = section && section < SHN_LORESERVE ? elf_getscn(elf, section) : NULL;
	GElf_Shdr header;

	return found && gelf_getshdr(found, &header) && header.sh_flags & SHF_EXECINSTR;
}

/* The kernel leaves out the same symbols when it looks for the end of a function. */
static bool is_named(const char *name)
{
	return name && *name && *name != '$' && strncmp(name, ".L", 2);
}

static int by_address(const void *one, const void *two)
{
	const struct symbol *a = one, *b = two;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	return a->address < b->address ? -1 : a->address > b->address;
}

static int by_name(const void *one, const void *two)
{
	const struct symbol *a = one, *b = two;
	int order = strcmp(a->name, b->name);

	return order ? order : by_address(a, b);
}

/* Returns false if there is no symbol of code. */
static bool read_symbols(struct debug_file *file)
{
	int total = dwfl_module_getsymtab(file->module);

	if (total <= 0)
		return false;
	file->symbol = memory_array(NULL, (size_t)total, sizeof(*file->symbol));
	for (int i = 0; i < total; i++) {
		GElf_Addr address;
		GElf_Word section;
		GElf_Sym sym;
		Elf *elf;
		const char *name = dwfl_module_getsym_info(file->module, i, &sym, &address, &section, &elf, NULL);

		if (is_named(name) && GELF_ST_TYPE(sym.st_info) <= STT_FUNC && is_code(elf, section))
			file->symbol[file->count++] = (struct symbol){ name, address, section, sym.st_size, 0 };
	}
	qsort(file->symbol, file->count, sizeof(*file->symbol), by_address);
	for (size_t i = 0, next = 0; i < file->count; i++) {
		while (next < file->count && !by_address(&file->symbol[i], &file->symbol[next]))
			next++;
		if (next < file->count && file->symbol[next].section == file->symbol[i].section)
			file->symbol[i].distance = file->symbol[next].address - file->symbol[i].address;
	}
	qsort(file->symbol, file->count, sizeof(*file->symbol), by_name);
	return file->count;
}

static bool load(struct debug_file *file, const char *path, int fd, char **flaw)
{
	GElf_Addr bias;
	Elf *elf;

	dwfl_report_begin(file->dwfl);
	file->module = dwfl_report_offline(file->dwfl, "", path, fd);
	if (!file->module)
		close(fd);
	dwfl_report_end(file->dwfl, NULL, NULL);
	elf = file->module ? dwfl_module_getelf(file->module, &bias) : NULL;
	if (!elf) {
		*flaw = memory_format("%s", dwfl_errmsg(-1));
		return false;
	}
	if (!is_whole(elf)) {
		*flaw = memory_format("a part of it is missing");
		return false;
	}
	if (!has_section(elf, ".debug_info") || !has_section(elf, ".symtab"))
		return false;
	if (!dwfl_module_getdwarf(file->module, &bias) || !read_symbols(file)) {
		const char *message = dwfl_errmsg(0);

		*flaw = memory_format("%s", message ? message : "its table of symbols has no function");
		return false;
	}
	return true;
}

/* Returns NULL if the file has no debug information. If it can't be read, there is a flaw, too, which the caller frees. */
struct debug_file *debug_file_open(const char *path, char **flaw)
{
	struct debug_file *file;
	int fd = open_regular(path);

	*flaw = NULL;
	if (fd < 0) {
		*flaw = memory_format("%s", fd == -EINVAL ? "it is not a regular file" : strerror(-fd));
		return NULL;
	}
	file = memory_get(sizeof(*file));
	*file = (struct debug_file){ .dwfl = dwfl_begin(&callbacks) };
	if (!file->dwfl)
		memory_short();
	if (load(file, path, fd, flaw))
		return file;
	debug_file_close(file);
	return NULL;
}

void debug_file_close(struct debug_file *file)
{
	dwfl_end(file->dwfl);
	free(file->symbol);
	free(file);
}

/*
 * The kernel takes the distance to the next symbol for a function's size. Behind the last symbol of
 * a section, it takes what the linker or the loader put there, so only the least size is known.
 */
static bool has_size(const struct symbol *symbol, int64_t size)
{
	return symbol->distance ? (uint64_t)size == symbol->distance : (uint64_t)size >= symbol->size;
}

/* Gives the address of the function. If none has the size, it gives the size of one with that name instead. */
enum debug_match debug_file_function(const struct debug_file *file, struct piece name, int64_t *size, uint64_t *address)
{
	enum debug_match match = DEBUG_NO_FUNCTION;
	size_t low = 0, high = file->count;
	int64_t other = 0;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strncmp(file->symbol[middle].name, name.at, name.length);

		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < file->count && text_is(name, file->symbol[low].name); low++) {
		const struct symbol *symbol = &file->symbol[low];

		if (!has_size(symbol, *size)) {
			other = (int64_t)(symbol->distance ? symbol->distance : symbol->size);
			if (match == DEBUG_NO_FUNCTION)
				match = DEBUG_OTHER_SIZE;
		} else if (match == DEBUG_FOUND && *address != symbol->address) {
			return DEBUG_AMBIGUOUS;
		} else {
			match = DEBUG_FOUND;
			*address = symbol->address;
		}
	}
	if (match == DEBUG_OTHER_SIZE)
		*size = other;
	return match;
}

/* Files in the folder of the build have the name that the compiler was given. */
static const char *relative(const char *path, const char *folder)
{
	size_t length = folder ? strlen(folder) : 0;

	if (length && !strncmp(path, folder, length) && path[length] == '/')
		path += length + 1;
	while (!strncmp(path, "./", 2))
		path += 2;
	return path;
}

static char *safe(const char *text)
{
	return text_safe((struct piece){ text, strlen(text) }, TEXT_DOUBLE_BACKSLASH);
}

/* The place at which this function, which was inlined, is called. Returns false if it is not known. */
static bool call_site(Dwarf_Die *cu, Dwarf_Die *inlined, const char *folder, const char **path, int64_t *line)
{
	Dwarf_Word file, number;
	Dwarf_Attribute attribute;
	Dwarf_Files *files;
	size_t count;

	if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &file) ||
	    dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &number) || dwarf_getsrcfiles(cu, &files, &count) ||
	    file >= count || !number || number > INT32_MAX)
		return false;
	*path = dwarf_filesrc(files, file, NULL, NULL);
	*line = (int64_t)number;
	if (*path)
		*path = relative(*path, folder);
	return *path;
}

/*
 * Adds the lines of the address to the place. The line of an inlined function is at its code; the
 * function into which it was inlined has the line of the call.
 */
static void add_sources(Dwarf_Die *cu, Dwarf_Die *scope, int scopes, const char *folder, const char *path, int64_t line, struct place *place)
{
	for (int i = 0; i < scopes && dwarf_tag(&scope[i]) != DW_TAG_subprogram; i++) {
		const char *name;

		if (dwarf_tag(&scope[i]) != DW_TAG_inlined_subroutine)
			continue;
		name = dwarf_diename(&scope[i]);
		place_add_source(place, safe(name ? name : "?"), safe(path), line);
		if (!call_site(cu, &scope[i], folder, &path, &line)) {
			place_free_sources(place);
			return;
		}
	}
	place_add_source(place, NULL, safe(path), line);
}

/* The scopes that contain the address, the innermost one first. The caller frees them. */
static int scopes_of(Dwarf_Die *cu, Dwarf_Addr address, Dwarf_Die **scopes)
{
	Dwarf_Die *around, innermost;

	*scopes = NULL;
	if (dwarf_getscopes(cu, address, &around) <= 0)
		return 0;
	/* Behind an inlined function, these are the scopes of its definition and not those of its call. */
	innermost = around[0];
	free(around);
	return dwarf_getscopes_die(&innermost, scopes);
}

/* The place has no sources yet, and gets none if the line is not known. */
void debug_file_sources(struct debug_file *file, uint64_t address, struct place *place)
{
	Dwfl_Line *found = dwfl_module_getsrc(file->module, address);
	Dwarf_Addr bias;
	Dwarf_Die *cu = dwfl_module_addrdie(file->module, address, &bias), *scopes;
	const char *path, *folder;
	int line, count;

	path = found ? dwfl_lineinfo(found, NULL, &line, NULL, NULL, NULL) : NULL;
	/* The compiler gives line 0 to code that belongs to no line. */
	if (!path || line <= 0 || !cu)
		return;
	folder = dwfl_line_comp_dir(found);
	count = scopes_of(cu, address - bias, &scopes);
	add_sources(cu, scopes, count, folder, relative(path, folder), line, place);
	free(scopes);
}

#else

bool debug_file_supported(void)
{
	return false;
}

struct debug_file *debug_file_open(const char *path, char **flaw)
{
	(void)path;
	*flaw = NULL;
	return NULL;
}

void debug_file_close(struct debug_file *file)
{
	(void)file;
}

enum debug_match debug_file_function(const struct debug_file *file, struct piece name, int64_t *size, uint64_t *address)
{
	(void)file, (void)name, (void)size, (void)address;
	return DEBUG_NO_FUNCTION;
}

void debug_file_sources(struct debug_file *file, uint64_t address, struct place *place)
{
	(void)file, (void)address, (void)place;
}

#endif
