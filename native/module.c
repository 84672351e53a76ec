/* cxport.formats._transcoder: `transcode` and `deflate_base64` for Python, in the stable ABI of 3.11 and later. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "base64.h"
#include "transcode.h"

#include <stdlib.h>

typedef struct {
    PyObject_HEAD
    PyObject *keys; /* a tuple of bytes, which the columns point into */
    Column *columns;
    size_t count;
    int form; /* Form, or TUPLES */
} Transcoder;

/* Rows that a driver has made: tuples of Python's values, in a list. */
enum { TUPLES = FORMS, ALL_FORMS };

static int fill_columns(Transcoder *self, const char *kinds)
{
    for (size_t n = 0; n < self->count; n++) {
        char *key;
        Py_ssize_t length;
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(self->keys, (Py_ssize_t)n), &key, &length) < 0)
            return -1;
        if ((unsigned char)kinds[n] >= KINDS) {
            PyErr_SetString(PyExc_ValueError, "a kind of column that is none");
            return -1;
        }
        self->columns[n] = (Column){(Kind)kinds[n], key, (size_t)length};
    }
    return 0;
}

static int set_columns(Transcoder *self, PyObject *keys, const char *kinds, Py_ssize_t count)
{
    if (PyTuple_Size(keys) != count || count < 1) {
        PyErr_SetString(PyExc_ValueError, "a transcoder takes a kind for each key");
        return -1;
    }
    Py_INCREF(keys);
    self->keys = keys;
    self->count = (size_t)count;
    self->columns = calloc(self->count, sizeof *self->columns);
    if (!self->columns) {
        PyErr_NoMemory();
        return -1;
    }
    return fill_columns(self, kinds);
}

static PyObject *transcoder_new(PyTypeObject *type, PyObject *arguments, PyObject *names)
{
    PyObject *keys;
    const char *kinds;
    Py_ssize_t count;
    int form;
    if (names && PyDict_Size(names)) {
        PyErr_SetString(PyExc_TypeError, "a transcoder takes no names");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "iO!y#", &form, &PyTuple_Type, &keys, &kinds, &count))
        return NULL;
    if (form < 0 || form >= ALL_FORMS) {
        PyErr_SetString(PyExc_ValueError, "a form of rows that is none");
        return NULL;
    }
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Transcoder *self = (Transcoder *)allocate(type, 0);
    if (self)
        self->form = form;
    if (self && set_columns(self, keys, kinds, count) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

static void transcoder_dealloc(PyObject *object)
{
    Transcoder *self = (Transcoder *)object;
    PyTypeObject *type = Py_TYPE(object);
    free(self->columns);
    Py_XDECREF(self->keys);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

/* Gives the bytes of a text or of bytes; NULL for what is neither, and for half a surrogate pair. */
static const char *bytes_of(PyObject *value, Py_ssize_t *length)
{
    const char *data = NULL;
    char *found;
    if (Py_IS_TYPE(value, &PyUnicode_Type))
        data = PyUnicode_AsUTF8AndSize(value, length);
    else if (Py_IS_TYPE(value, &PyBytes_Type) && PyBytes_AsStringAndSize(value, &found, length) == 0)
        data = found;
    if (!data)
        PyErr_Clear();
    return data;
}

/* Bytes in place of text or digits, and words for truth, are for Python to judge. */
static int takes(Kind kind, PyObject *value)
{
    int text = Py_IS_TYPE(value, &PyUnicode_Type);
    return kind == OBJECT || kind == BYTES || (text && kind != TRUTH_DIGITS);
}

static Outcome put_python(Output *output, const Column *column, PyObject *value)
{
    if (value == Py_None)
        return write_value(output, column, NULL);
    if (Py_IS_TYPE(value, &PyLong_Type)) {
        int overflow;
        long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
        return overflow ? UNSURE : write_number(output, column, number);
    }
    Octets octets;
    Py_ssize_t length;
    octets.data = (const uint8_t *)bytes_of(value, &length);
    if (!octets.data || !takes(column->kind, value))
        return UNSURE;
    octets.length = (size_t)length;
    return write_value(output, column, &octets);
}

static Outcome put_tuple(Transcoder *self, Output *output, PyObject *row)
{
    if (!PyTuple_Check(row) || PyTuple_Size(row) != (Py_ssize_t)self->count)
        return MALFORMED;
    for (size_t n = 0; n < self->count; n++) {
        PyObject *value = PyTuple_GetItem(row, (Py_ssize_t)n);
        Outcome outcome = put_python(output, &self->columns[n], value);
        if (outcome != DONE)
            return outcome;
    }
    return write_end(output);
}

/* What `transcode` does, for a list of tuples; places are those of rows. */
static Outcome put_tuples(Transcoder *self, PyObject *list, size_t *at, size_t *end,
                          size_t *rows, Output *output)
{
    for (; *at < (size_t)PyList_Size(list); ++*at, ++*rows) {
        size_t written = output->length;
        Outcome outcome = put_tuple(self, output, PyList_GetItem(list, (Py_ssize_t)*at));
        *end = *at + 1;
        if (outcome != DONE) {
            output->length = written;
            return outcome;
        }
    }
    return DONE;
}

static PyObject *answer(Outcome outcome, Output *output, size_t rows, size_t at, size_t end)
{
    PyObject *found = NULL;
    if (outcome == NO_MEMORY)
        PyErr_NoMemory();
    else if (outcome == MALFORMED)
        PyErr_SetString(PyExc_ValueError, "not rows of this form with these columns");
    else
        found = Py_BuildValue("(y#nnn)", output->data ? output->data : "",
                              (Py_ssize_t)output->length, (Py_ssize_t)rows, (Py_ssize_t)at,
                              (Py_ssize_t)(outcome == UNSURE ? end : at));
    free(output->data);
    return found;
}

static PyObject *encode_tuples(Transcoder *self, PyObject *arguments)
{
    PyObject *list;
    Py_ssize_t start;
    if (!PyArg_ParseTuple(arguments, "O!n", &PyList_Type, &list, &start))
        return NULL;
    Outcome outcome = MALFORMED;
    Output output = {NULL, 0, 0};
    size_t at = (size_t)start, end = 0, rows = 0;
    if (start >= 0 && start <= PyList_Size(list))
        outcome = put_tuples(self, list, &at, &end, &rows, &output);
    return answer(outcome, &output, rows, at, end);
}

/* Runs without the interpreter's lock: it touches nothing but what it was given. */
static PyObject *encode_bytes(Transcoder *self, PyObject *arguments)
{
    Py_buffer data;
    Py_ssize_t start;
    if (!PyArg_ParseTuple(arguments, "y*n", &data, &start))
        return NULL;
    Outcome outcome = MALFORMED;
    Output output = {NULL, 0, 0};
    size_t at = (size_t)start, end = 0, rows = 0;
    if (start >= 0 && start <= data.len) {
        Py_BEGIN_ALLOW_THREADS
        outcome = transcode((Form)self->form, self->columns, self->count, data.buf,
                            (size_t)data.len, &at, &end, &rows, &output);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&data);
    return answer(outcome, &output, rows, at, end);
}

static PyObject *transcoder_encode(PyObject *object, PyObject *arguments)
{
    Transcoder *self = (Transcoder *)object;
    return self->form == TUPLES ? encode_tuples(self, arguments) : encode_bytes(self, arguments);
}

static PyMethodDef transcoder_methods[] = {
    {"encode", transcoder_encode, METH_VARARGS,
     "encode(data, start) -> (lines, rows, at, end)\n\n"
     "Write the rows from a place on. `at` to `end` is a row that was not written, as it holds\n"
     "a value that only Python can write alike; where there is none, both are the data's end.\n"
     "Raises ValueError for what is no row of the columns."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Transcoder(form, keys, kinds): rows to JSON Lines."},
    {Py_tp_new, transcoder_new},
    {Py_tp_dealloc, transcoder_dealloc},
    {Py_tp_methods, transcoder_methods},
    {0, NULL},
};

static PyType_Spec spec = {
    .name = "cxport.formats._transcoder.Transcoder",
    .basicsize = sizeof(Transcoder),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = slots,
};

static int add_type(PyObject *module)
{
    PyObject *type = PyType_FromSpec(&spec);
    int failed = !type || PyModule_AddObjectRef(module, "Transcoder", type) < 0;
    Py_XDECREF(type);
    return failed ? -1 : 0;
}

/* Gives NULL, with or without an error, where nothing is written. */
static PyObject *deflated(const Py_buffer *content)
{
    const uint8_t *data = content->buf;
    size_t length = (size_t)content->len, written = 0;
    if (!looks_random(data, length))
        return NULL;
    PyObject *found = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)deflated_most(length));
    if (!found)
        return NULL;
    uint8_t *output = (uint8_t *)PyBytes_AsString(found);
    Py_BEGIN_ALLOW_THREADS
    written = deflate_base64(data, length, output);
    Py_END_ALLOW_THREADS
    _PyBytes_Resize(&found, (Py_ssize_t)written);
    return found;
}

static PyObject *deflated_base64(PyObject *module, PyObject *arguments)
{
    (void)module;
    Py_buffer content;
    if (!PyArg_ParseTuple(arguments, "y*", &content))
        return NULL;
    PyObject *found = NULL;
    if (content.len % 3)
        PyErr_SetString(PyExc_ValueError, "bytes are encoded in groups of 3");
    else
        found = deflated(&content);
    PyBuffer_Release(&content);
    return found || PyErr_Occurred() ? found : Py_NewRef(Py_None);
}

static PyMethodDef module_methods[] = {
    {"deflated_base64", deflated_base64, METH_VARARGS,
     "deflated_base64(content) -> bytes | None\n\n"
     "Write the base64 text of content that does not compress in deflate's form, from one byte\n"
     "to another; None where a compressor may do better."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, add_type},
    {0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_transcoder",
    .m_doc = "Rows as a database gives them, and contents, to JSON Lines.",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__transcoder(void);

PyMODINIT_FUNC PyInit__transcoder(void)
{
    return PyModuleDef_Init(&module);
}
