using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Tls;

/// <summary>What we call in OpenSSL 3, by the names of its manual. No call sets or needs the last system error.</summary>
/// <remarks>Everything is a pointer owned as the manual says; <c>unsafe</c> stays in the types of this folder.</remarks>
internal static unsafe partial class OpenSsl
{
    public const int Ed25519 = 1087;
    public const int Tls13 = 0x0304;
    public const int ErrorWantRead = 2;
    public const int ErrorWantWrite = 3;
    public const int ErrorZeroReturn = 6;
    public const int ErrorSsl = 1;
    public const int VerifyPeer = 1;
    public const int VerifyFailIfNoPeerCertificate = 2;
    public const int CtrlMode = 33;
    public const int CtrlSessionCacheMode = 44;
    public const int CtrlSetTlsExtHostName = 55;
    public const int CtrlSetGroupsList = 92;
    public const int CtrlSetSigalgsList = 98;
    public const int CtrlSetClientSigalgsList = 102;
    public const int CtrlSetMinVersion = 123;
    public const int CtrlSetMaxVersion = 124;
    public const int ModeEnablePartialWrite = 1;
    public const int ModeAcceptMovingWriteBuffer = 2;
    public const int ModeReleaseBuffers = 0x10;
    public const ulong OptionNoCompression = 1UL << 17;
    public const ulong OptionNoTicket = 1UL << 14;
    public const ulong OptionNoRenegotiation = 1UL << 30;
    public const int BioCtrlPending = 10;
    public const int BioCtrlSetMemoryEofReturn = 130;
    public const int KeyUpdateNotRequested = 0;
    public const int KeyUpdateRequested = 1;
    public const int AlpnOk = 0;
    public const int AlpnFatal = 2;
    public const int VerifyErrorExpired = 10;
    public const int VerifyErrorNotYetValid = 9;
    public const int VerifyErrorSignature = 7;
    public const int VerifyErrorRejected = 28;
    public const int VerifyErrorApplication = 50;

    /// <summary>OPENSSL_INIT_NO_ATEXIT.</summary>
    public const ulong InitNoAtExit = 0x0008_0000;

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "OPENSSL_init_ssl")]
    public static partial int Initialise(ulong options, nint settings);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "OpenSSL_version_num")]
    public static partial uint VersionNumber();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "ERR_clear_error")]
    public static partial void ErrClear();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "ERR_get_error")]
    public static partial nuint ErrGet();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "ERR_reason_error_string")]
    public static partial nint ErrReason(nuint error);

    // Keys.
    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_new_raw_private_key")]
    public static partial nint KeyFromSeed(int type, nint engine, byte* key, nuint length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_new_raw_public_key")]
    public static partial nint KeyFromPublic(int type, nint engine, byte* key, nuint length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_get_raw_public_key")]
    public static partial int KeyGetPublic(nint key, byte* into, nuint* length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_get_base_id")]
    public static partial int KeyBaseId(nint key);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PKEY_free")]
    public static partial void KeyFree(nint key);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "EVP_PBE_scrypt")]
    public static partial int Scrypt(byte* password, nuint passwordLength, byte* salt, nuint saltLength, ulong n, ulong r, ulong p, ulong memoryMax, byte* key, nuint keyLength);

    // Certificates.
    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_new")]
    public static partial nint CertNew();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_free")]
    public static partial void CertFree(nint certificate);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_set_version")]
    public static partial int CertSetVersion(nint certificate, nint version);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_get_serialNumber")]
    public static partial nint CertSerial(nint certificate);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "ASN1_INTEGER_set_uint64")]
    public static partial int IntegerSet(nint integer, ulong value);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_getm_notBefore")]
    public static partial nint CertNotBefore(nint certificate);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_getm_notAfter")]
    public static partial nint CertNotAfter(nint certificate);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "ASN1_TIME_set")]
    public static partial nint TimeSet(nint time, long unixSeconds);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "ASN1_TIME_set_string_X509", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int TimeSetString(nint time, string text);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_cmp_time")]
    public static partial int TimeCompare(nint time, long* unixSeconds);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_get_subject_name")]
    public static partial nint CertSubject(nint certificate);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_set_issuer_name")]
    public static partial int CertSetIssuer(nint certificate, nint name);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_NAME_new")]
    public static partial nint NameNew();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_NAME_free")]
    public static partial void NameFree(nint name);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_NAME_add_entry_by_txt", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NameAdd(nint name, string field, int type, byte* bytes, int length, int location, int set);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_set_pubkey")]
    public static partial int CertSetKey(nint certificate, nint key);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_get0_pubkey")]
    public static partial nint CertKey(nint certificate);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509V3_EXT_conf_nid", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ExtensionNew(nint configuration, nint context, int nid, string value);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_add_ext")]
    public static partial int CertAddExtension(nint certificate, nint extension, int location);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_EXTENSION_free")]
    public static partial void ExtensionFree(nint extension);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_sign")]
    public static partial int CertSign(nint certificate, nint key, nint digest);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_verify")]
    public static partial int CertVerify(nint certificate, nint key);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "i2d_X509")]
    public static partial int CertEncode(nint certificate, byte** into);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "d2i_X509")]
    public static partial nint CertDecode(nint reuse, byte** from, nint length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_STORE_CTX_get0_cert")]
    public static partial nint StoreCert(nint store);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_STORE_CTX_get0_untrusted")]
    public static partial nint StoreChain(nint store);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_STORE_CTX_set_error")]
    public static partial void StoreSetError(nint store, int error);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "X509_STORE_CTX_get_ex_data")]
    public static partial nint StoreGetData(nint store, int index);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "OPENSSL_sk_num")]
    public static partial int StackCount(nint stack);

    // BIOs: in memory, and of our own.
    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_get_new_index")]
    public static partial int BioNewIndex();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_meth_new")]
    public static partial nint BioMethodNew(int type, byte* name);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_meth_set_read")]
    public static partial int BioMethodSetRead(nint method, nint read);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_meth_set_write")]
    public static partial int BioMethodSetWrite(nint method, nint write);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_meth_set_ctrl")]
    public static partial int BioMethodSetControl(nint method, nint control);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_set_data")]
    public static partial void BioSetData(nint bio, nint value);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_get_data")]
    public static partial nint BioGetData(nint bio);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_set_init")]
    public static partial void BioSetInit(nint bio, int isMade);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_set_flags")]
    public static partial void BioSetFlags(nint bio, int flags);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_clear_flags")]
    public static partial void BioClearFlags(nint bio, int flags);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_s_mem")]
    public static partial nint BioMemory();

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_new")]
    public static partial nint BioNew(nint method);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_free")]
    public static partial int BioFree(nint bio);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_read")]
    public static partial int BioRead(nint bio, byte* into, int length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_write")]
    public static partial int BioWrite(nint bio, byte* from, int length);

    [LibraryImport(OpenSslLibrary.Crypto, EntryPoint = "BIO_ctrl")]
    public static partial nint BioControl(nint bio, int command, nint number, nint pointer);

    // Contexts.
    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "TLS_method")]
    public static partial nint TlsMethod();

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_new")]
    public static partial nint ContextNew(nint method);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_free")]
    public static partial void ContextFree(nint context);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_ctrl")]
    public static partial nint ContextControl(nint context, int command, nint number, nint pointer);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_options")]
    public static partial ulong ContextSetOptions(nint context, ulong options);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_ciphersuites", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ContextSetSuites(nint context, string suites);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_use_certificate")]
    public static partial int ContextUseCertificate(nint context, nint certificate);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_use_PrivateKey")]
    public static partial int ContextUseKey(nint context, nint key);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_verify")]
    public static partial void ContextSetVerify(nint context, int mode, nint callback);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_cert_verify_callback")]
    public static partial void ContextSetCertVerify(nint context, delegate* unmanaged<nint, nint, int> callback, nint argument);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_num_tickets")]
    public static partial int ContextSetTickets(nint context, nuint count);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_set_alpn_protos")]
    public static partial int SessionSetAlpn(nint ssl, byte* protocols, uint length);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_alpn_select_cb")]
    public static partial void ContextSetAlpnSelect(nint context, delegate* unmanaged<nint, byte**, byte*, byte*, uint, nint, int> callback, nint argument);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_CTX_set_keylog_callback")]
    public static partial void ContextSetKeyLog(nint context, delegate* unmanaged<nint, byte*, void> callback);

    // Sessions.
    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_new")]
    public static partial nint SessionNew(nint context);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_free")]
    public static partial void SessionFree(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_set_bio")]
    public static partial void SessionSetBio(nint ssl, nint read, nint write);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_set_connect_state")]
    public static partial void SessionSetConnect(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_set_accept_state")]
    public static partial void SessionSetAccept(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_ctrl")]
    public static partial nint SessionControl(nint ssl, int command, nint number, nint pointer);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_set_ex_data")]
    public static partial int SessionSetData(nint ssl, int index, nint value);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_get_ex_data")]
    public static partial nint SessionGetData(nint ssl, int index);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_get_ex_data_X509_STORE_CTX_idx")]
    public static partial int SessionStoreIndex();

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_do_handshake")]
    public static partial int SessionHandshake(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_read")]
    public static partial int SessionRead(nint ssl, byte* into, int length);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_write")]
    public static partial int SessionWrite(nint ssl, byte* from, int length);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_get_error")]
    public static partial int SessionError(nint ssl, int result);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_shutdown")]
    public static partial int SessionShutdown(nint ssl);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_key_update")]
    public static partial int SessionKeyUpdate(nint ssl, int kind);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_get0_alpn_selected")]
    public static partial void SessionAlpn(nint ssl, byte** protocol, uint* length);

    [LibraryImport(OpenSslLibrary.Ssl, EntryPoint = "SSL_version")]
    public static partial int SessionVersion(nint ssl);
}
