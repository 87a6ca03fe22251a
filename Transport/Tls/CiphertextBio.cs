using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kameo.Actors.Transport.Tls;

/// <summary>
/// Where an SSL object gets its ciphertext from and leaves it: memory that the caller of <see cref="TlsSession"/> lends for one call, so that each record is copied once on its way in and not at all between OpenSSL and what is
/// sent; or, where nothing is lent or it is full, two memory BIOs.
/// </summary>
/// <remarks>
/// Not thread safe: used under the session's lock. The order of bytes is kept: what was fed is read before what is lent, and once something was left in memory all that follows in that call goes there, too. Its state lies outside
/// of the managed heap, since OpenSSL calls back with its address; it is freed after the SSL object. What is lent is pinned by whoever lends it, for the time of the call that reads or writes it.
/// </remarks>
internal sealed unsafe class CiphertextBio
{
    private const int TypeSourceSink = 0x400;
    private const int ControlPending = 10;
    private const int ControlFlush = 11;
    private const int FlagsReadLater = 0x09; // BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY

    private static readonly nint s_method = MakeMethod();

    private readonly State* _state;

    /// <summary>Makes it, and gives an SSL object its two ends; they are freed with that.</summary>
    public CiphertextBio(nint ssl)
    {
        _state = (State*)NativeMemory.AllocZeroed((nuint)sizeof(State));
        MakeMemory();
        OpenSsl.SessionSetBio(ssl, MakeEnd(), MakeEnd());
    }

    /// <summary>Bytes that were fed and not read.</summary>
    public int FedBytes => _state->FedBytes;

    /// <summary>Bytes that were left in memory and not taken.</summary>
    public int LeftBytes => _state->LeftBytes;

    /// <summary>Lends bytes to be read.</summary>
    public void LendToRead(byte* from, int bytes)
    {
        _state->Read = from;
        _state->ReadBytes = bytes;
    }

    /// <summary>Takes them back.</summary>
    /// <returns>How many were not read.</returns>
    public int EndReading()
    {
        int left = _state->ReadBytes;
        _state->Read = null;
        _state->ReadBytes = 0;
        return left;
    }

    /// <summary>Lends room to be written, unless something waits in memory, which has to go first.</summary>
    public void LendToWrite(byte* into, int bytes)
    {
        _state->Write = into;
        _state->WriteRoom = _state->LeftBytes == 0 ? bytes : 0;
        _state->WrittenBytes = 0;
    }

    /// <summary>Takes it back.</summary>
    /// <returns>How many bytes were written.</returns>
    public int EndWriting()
    {
        int written = _state->WrittenBytes;
        _state->Write = null;
        _state->WriteRoom = 0;
        _state->WrittenBytes = 0;
        return written;
    }

    /// <summary>Keeps a copy of bytes until they are read.</summary>
    public bool TryFeed(byte* from, int bytes)
    {
        if (OpenSsl.BioWrite(_state->Incoming, from, bytes) != bytes)
        {
            return false;
        }

        _state->FedBytes += bytes;
        return true;
    }

    /// <summary>Takes bytes that were left in memory.</summary>
    public int Take(byte* into, int room)
    {
        int bytes = Math.Max(0, OpenSsl.BioRead(_state->Outgoing, into, room));
        _state->LeftBytes -= bytes;
        return bytes;
    }

    /// <summary>Gives memory back: a memory BIO keeps the most it ever held. Both must be empty.</summary>
    public void MakeMemory()
    {
        FreeMemory();
        _state->Incoming = OpenSslError.ThrowIfZero(OpenSsl.BioNew(OpenSsl.BioMemory()), "A buffer could not be made");
        _state->Outgoing = OpenSslError.ThrowIfZero(OpenSsl.BioNew(OpenSsl.BioMemory()), "A buffer could not be made");
    }

    /// <summary>After the SSL object was freed: nothing calls back any more.</summary>
    public void Free()
    {
        FreeMemory();
        NativeMemory.Free(_state);
    }

    private void FreeMemory()
    {
        if (_state->Incoming != 0)
        {
            OpenSsl.BioFree(_state->Incoming);
            _state->Incoming = 0;
        }

        if (_state->Outgoing != 0)
        {
            OpenSsl.BioFree(_state->Outgoing);
            _state->Outgoing = 0;
        }
    }

    private nint MakeEnd()
    {
        nint end = OpenSslError.ThrowIfZero(OpenSsl.BioNew(s_method), "A buffer could not be made");
        OpenSsl.BioSetData(end, (nint)_state);
        OpenSsl.BioSetInit(end, 1);
        return end;
    }

    /// <summary>Once for the process, which keeps it.</summary>
    private static nint MakeMethod()
    {
        nint method;
        fixed (byte* name = "kameo ciphertext\0"u8)
        {
            method = OpenSslError.ThrowIfZero(OpenSsl.BioMethodNew(OpenSsl.BioNewIndex() | TypeSourceSink, name), "A method could not be made");
        }

        OpenSslError.ThrowUnlessPositive(OpenSsl.BioMethodSetRead(method, (nint)(delegate* unmanaged[Cdecl]<nint, byte*, int, int>)&OnRead), "A method could not be made");
        OpenSslError.ThrowUnlessPositive(OpenSsl.BioMethodSetWrite(method, (nint)(delegate* unmanaged[Cdecl]<nint, byte*, int, int>)&OnWrite), "A method could not be made");
        OpenSslError.ThrowUnlessPositive(OpenSsl.BioMethodSetControl(method, (nint)(delegate* unmanaged[Cdecl]<nint, int, nint, nint, nint>)&OnControl), "A method could not be made");
        return method;
    }

    /// <summary>OpenSSL wants ciphertext. In bounds: it gives room for <paramref name="length"/> bytes, and no more than what is lent is copied.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnRead(nint bio, byte* into, int length)
    {
        State* state = (State*)OpenSsl.BioGetData(bio);
        if (state->ReadsLater)
        {
            state->ReadsLater = false;
            OpenSsl.BioClearFlags(bio, FlagsReadLater);
        }

        int bytes;
        if (state->FedBytes != 0)
        {
            bytes = OpenSsl.BioRead(state->Incoming, into, length);
            state->FedBytes -= Math.Max(0, bytes);
            return bytes;
        }

        bytes = Math.Min(length, state->ReadBytes);
        if (bytes <= 0)
        {
            state->ReadsLater = true;
            OpenSsl.BioSetFlags(bio, FlagsReadLater);
            return -1;
        }

        Unsafe.CopyBlockUnaligned(into, state->Read, (uint)bytes);
        state->Read += bytes;
        state->ReadBytes -= bytes;
        return bytes;
    }

    /// <summary>OpenSSL has ciphertext. In bounds: what does not fit what is lent goes to memory whole.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnWrite(nint bio, byte* from, int length)
    {
        State* state = (State*)OpenSsl.BioGetData(bio);
        if (length <= state->WriteRoom)
        {
            Unsafe.CopyBlockUnaligned(state->Write, from, (uint)length);
            state->Write += length;
            state->WriteRoom -= length;
            state->WrittenBytes += length;
            return length;
        }

        state->WriteRoom = 0; // What follows must come behind it.
        int bytes = OpenSsl.BioWrite(state->Outgoing, from, length);
        state->LeftBytes += Math.Max(0, bytes);
        return bytes;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint OnControl(nint bio, int command, nint number, nint pointer) => command switch
    {
        ControlFlush => 1, // Nothing is held back.
        ControlPending => ((State*)OpenSsl.BioGetData(bio))->FedBytes + ((State*)OpenSsl.BioGetData(bio))->ReadBytes,
        _ => 0,
    };

    private struct State
    {
        public byte* Read;
        public byte* Write;
        public nint Incoming;
        public nint Outgoing;
        public int ReadBytes;
        public int WriteRoom;
        public int WrittenBytes;
        public int FedBytes;
        public int LeftBytes;
        public bool ReadsLater;
    }
}
