/*
 * The floor: frames of one size over OpenSSL on a blocking socket, echoed; batched, or one at a time. TLS 1.3, AES-128-GCM, X25519, as the other contenders.
 *
 *   tls_echo serve         says its port; answers each line of standard input with "CPU-MICROSECONDS 0 0"
 *   tls_echo call PORT     says that it is connected; runs a round for each line "Echo IN-FLIGHT SIZE MILLISECONDS", and answers with
 *                          "CPU-MICROSECONDS 0 FRAMES SECONDS P50 P99"
 *
 * Both end with their standard input. The numbers are those of FrameEcho.cs.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { WINDOW_BYTES_MAX = 128 * 1024, BUFFER_BYTES = 64 * 1024, LATENCIES_MAX = 1000000 };

static void fail(const char *what)
{
    fprintf(stderr, "tls_echo: %s\n", what);
    ERR_print_errors_fp(stderr);
    exit(1);
}

static double cpu_microseconds(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static double microseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

/* The same for both ends. Reading ahead brings in many records with one system call. */
static SSL_CTX *new_context(const SSL_METHOD *method)
{
    SSL_CTX *context = SSL_CTX_new(method);
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) || !SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256")
        || !SSL_CTX_set1_groups_list(context, "X25519"))
        fail("no TLS context");
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, BUFFER_BYTES);
    return context;
}

/* ECDSA P-256, self-signed, in memory. */
static void use_new_certificate(SSL_CTX *context)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    if (!key || !certificate)
        fail("no key");
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    if (!X509_sign(certificate, key, EVP_sha256()) || SSL_CTX_use_certificate(context, certificate) != 1 || SSL_CTX_use_PrivateKey(context, key) != 1)
        fail("no certificate");
}

static void no_delay(int socket)
{
    int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static SSL *new_session(SSL_CTX *context, int socket)
{
    no_delay(socket);
    SSL *session = SSL_new(context);
    if (!session || !SSL_set_fd(session, socket))
        fail("no session");
    return session;
}

static void *serve_connection(void *argument)
{
    SSL *session = argument;
    static char buffer[BUFFER_BYTES];
    int bytes;
    if (SSL_accept(session) == 1)
        while ((bytes = SSL_read(session, buffer, sizeof buffer)) > 0 && SSL_write(session, buffer, bytes) == bytes)
            ;
    return NULL;
}

static int serve(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1) || getsockname(listener, (struct sockaddr *)&address, &length))
        fail("cannot listen");
    SSL_CTX *context = new_context(TLS_server_method());
    use_new_certificate(context);
    SSL_CTX_set_num_tickets(context, 0);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);

    int socket = accept(listener, NULL, NULL);
    if (socket < 0)
        fail("cannot accept");
    pthread_t thread;
    pthread_create(&thread, NULL, serve_connection, new_session(context, socket));
    char line[256];
    while (fgets(line, sizeof line, stdin)) {
        printf("%.0f 0 0\n", cpu_microseconds());
        fflush(stdout);
    }
    return 0;
}

static int compare(const void *left, const void *right)
{
    double one = *(const double *)left, other = *(const double *)right;
    return (one > other) - (one < other);
}

static double percentile(const double *sorted, long count, double share)
{
    if (count == 0)
        return 0;
    long rank = (long)(share * count + 0.999999);
    return sorted[rank < 1 ? 0 : rank > count ? count - 1 : rank - 1];
}

static void run_round(SSL *session, long in_flight, long size, long milliseconds)
{
    static double latencies[LATENCIES_MAX];
    static char frames[WINDOW_BYTES_MAX], buffer[BUFFER_BYTES];
    long window = WINDOW_BYTES_MAX / size < 1 ? 1 : WINDOW_BYTES_MAX / size;
    if (window > in_flight)
        window = in_flight;
    long owed = window, timed = 0;
    long long sent = 0, received = 0;
    double cpu = cpu_microseconds(), start = microseconds(), end = start + milliseconds * 1e3;
    for (;;) {
        double began = microseconds();
        if (began < end) {
            if (SSL_write(session, frames, (int)(owed * size)) <= 0)
                fail("cannot write");
            sent += owed * size;
        }
        if (received == sent)
            break;
        owed = 0;
        do {
            int bytes = SSL_read(session, buffer, sizeof buffer);
            if (bytes <= 0)
                fail("the server closed the connection");
            owed += (received + bytes) / size - received / size;
            received += bytes;
        } while (owed == 0);
        if (window == 1 && timed < LATENCIES_MAX)
            latencies[timed++] = microseconds() - began;
    }
    double seconds = (microseconds() - start) / 1e6, used = cpu_microseconds() - cpu;
    qsort(latencies, timed, sizeof *latencies, compare);
    printf("%.0f 0 %lld %.6f %.2f %.2f\n", used, received / size, seconds, percentile(latencies, timed, 0.5), percentile(latencies, timed, 0.99));
    fflush(stdout);
}

static int call(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int socket_ = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(socket_, (struct sockaddr *)&address, sizeof address))
        fail("cannot connect");
    SSL *session = new_session(new_context(TLS_client_method()), socket_);
    if (SSL_connect(session) != 1)
        fail("the handshake failed");
    printf("connected\n");
    fflush(stdout);
    char line[256];
    long in_flight, size, milliseconds;
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "Echo %ld %ld %ld", &in_flight, &size, &milliseconds) != 3 || size < 1 || size > WINDOW_BYTES_MAX)
            fail("not a round");
        run_round(session, in_flight, size, milliseconds);
    }
    return 0;
}

int main(int count, char **arguments)
{
    signal(SIGPIPE, SIG_IGN);
    if (count == 2 && !strcmp(arguments[1], "serve"))
        return serve();
    if (count == 3 && !strcmp(arguments[1], "call"))
        return call(atoi(arguments[2]));
    fprintf(stderr, "usage: tls_echo serve | tls_echo call PORT\n");
    return 2;
}
