/* Zeroed memory for large tables, on Linux in huge pages where the system has them.
 *
 * A new table is written at random, and in a virtual machine the first use of each page is expensive. */
#ifndef W2V_PAGES_H
#define W2V_PAGES_H

#include <stddef.h>

/* `size` zeroed bytes, or NULL if there is no memory. */
void *w2v_pages_new(size_t size);

/* `size` as given to w2v_pages_new; `memory` may be NULL. */
void w2v_pages_free(void *memory, size_t size);

#endif
