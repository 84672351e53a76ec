/* cxport.formats._transcoder: `transcode` for Python, in the stable ABI of 3.11 and later. */

#define Py_LIMITED_API 0x030B0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "transcode.h"

#include <stdlib.h>

typedef struct {
    PyObject_HEAD
    PyObject *keys; /* a tuple of bytes, which the columns point into */
    Column *columns;
    size_t count;
} Transcoder;

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
    if (names && PyDict_Size(names)) {
        PyErr_SetString(PyExc_TypeError, "a transcoder takes no names");
        return NULL;
    }
    if (!PyArg_ParseTuple(arguments, "O!y#", &PyTuple_Type, &keys, &kinds, &count))
        return NULL;
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    Transcoder *self = (Transcoder *)allocate(type, 0);
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

/* Runs without the interpreter's lock: it touches nothing but what it was given. */
static PyObject *transcoder_encode(PyObject *object, PyObject *arguments)
{
    Transcoder *self = (Transcoder *)object;
    Py_buffer data;
    Py_ssize_t start;
    if (!PyArg_ParseTuple(arguments, "y*n", &data, &start))
        return NULL;
    Outcome outcome = MALFORMED;
    Output output = {NULL, 0, 0};
    size_t at = (size_t)start, end = 0, rows = 0;
    if (start >= 0 && start <= data.len) {
        Py_BEGIN_ALLOW_THREADS
        outcome = transcode(self->columns, self->count, data.buf, (size_t)data.len, &at, &end,
                            &rows, &output);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&data);
    PyObject *found = NULL;
    if (outcome == NO_MEMORY)
        PyErr_NoMemory();
    else if (outcome == MALFORMED)
        PyErr_SetString(PyExc_ValueError, "not rows of COPY BINARY with these columns");
    else
        found = Py_BuildValue("(y#nnn)", output.data ? output.data : "",
                              (Py_ssize_t)output.length, (Py_ssize_t)rows, (Py_ssize_t)at,
                              (Py_ssize_t)(outcome == UNSURE ? end : at));
    free(output.data);
    return found;
}

static PyMethodDef methods[] = {
    {"encode", transcoder_encode, METH_VARARGS,
     "encode(data, start) -> (lines, rows, at, end)\n\n"
     "Write the rows from an offset on. `at` to `end` is a row that was not written, as it holds\n"
     "a value that only Python can write alike; where there is none, both are the data's end.\n"
     "Raises ValueError for what is no row of the columns."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_doc, "Transcoder(keys, kinds): rows of COPY BINARY to JSON Lines."},
    {Py_tp_new, transcoder_new},
    {Py_tp_dealloc, transcoder_dealloc},
    {Py_tp_methods, methods},
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

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, add_type},
    {0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_transcoder",
    .m_doc = "Rows of PostgreSQL's COPY BINARY to JSON Lines.",
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__transcoder(void);

PyMODINIT_FUNC PyInit__transcoder(void)
{
    return PyModuleDef_Init(&module);
}
