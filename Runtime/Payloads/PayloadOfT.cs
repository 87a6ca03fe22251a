using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kameo.Actors.Payloads;
using Kameo.Actors.Transport.Frames;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors;

/// <summary>
/// Values in memory that has one owner: an argument or result of an actor's method, or a member of one, that is received aligned to 16 bytes and read where it arrived, and that is
/// sent from where it is when it is too large for a frame. Made by <see cref="Payload"/>.
/// </summary>
/// <remarks>
/// <para>
/// <b>Who owns it.</b> Whoever made it, until it goes with a call, as an argument or a result: then it is used up, whatever becomes of the call, and using it throws; disposing it does nothing, so
/// <c>using</c> around a call is right. (A call that fails before its arguments are taken, cancelled or without a node to go to, leaves it as it was.)
/// One that a method got as an argument lives as long as the turn and is disposed at its end, unless the method calls <see cref="Detach"/>, disposes it, or sends it on.
/// A method that returns <see cref="IAsyncEnumerable{T}"/> owns its payloads, for its code runs later: it disposes them. A result belongs to the caller, who disposes it.
/// </para>
/// <para>
/// <b>Where it lies.</b> In the receive slab (64 KiB, shared with other messages: one small payload that is kept keeps all of it), in one block if it was too large for a frame, or in a block of the pool.
/// Over the limit of slabs that are kept, requests are refused. On a call within a node nothing is copied: the callee gets another object for the same memory.
/// </para>
/// <para>
/// <b>After disposal</b> every member but <see cref="Length"/> throws <see cref="ObjectDisposedException"/>, and so does memory taken from it before; the memory may hold another message by then. A span taken
/// before is not checked: do not use one after the payload was disposed, or the turn has ended. Memory that is pinned (as asynchronous I/O does) stays until it is unpinned. A payload that is forgotten
/// is found by the garbage collector; its slab is not used again then.
/// </para>
/// <para>Any thread, one at a time. Disposing twice does nothing.</para>
/// </remarks>
/// <typeparam name="T">The values: numbers, enumerations, <see cref="Guid"/>, and structs of such without padding (KAMEO019 and KAMEO020 say which).</typeparam>
[DebuggerDisplay("{Length} x {typeof(T).Name,nq}")]
public sealed class Payload<T> : MemoryManager<T>, IDecodedPayload, ITakenValues
    where T : unmanaged
{
    private const int Owned = 0;
    private const int OfMessage = 1;
    private const int Ended = 2;

    private readonly int _start;
    private readonly int _count;
    private ICountedBytes? _bytes;
    private PayloadGuard? _guard;
    private IDecodedPayload? _next;
    private int _stage;
    private int _holds = 1;
    private int _isDisposed;

    private Payload(ICountedBytes? bytes, int start, int count, int stage)
    {
        _bytes = bytes;
        _start = start;
        _count = count;
        _stage = stage;
    }

    /// <summary>How many values it has.</summary>
    public int Length => _count;

    /// <summary>The values, in place. Not to be used after the payload was disposed or sent, or the turn that it was an argument of has ended.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed or sent.</exception>
    public Span<T> Span => GetSpan();

    /// <inheritdoc/>
    IDecodedPayload? IDecodedPayload.Next
    {
        get => _next;
        set => _next = value;
    }

    /// <inheritdoc/>
    public override Span<T> GetSpan()
    {
        ICountedBytes? bytes = _bytes; // Before the look at the mark: it is cleared after that is set.
        if (Volatile.Read(ref _isDisposed) != 0)
        {
            ThrowDisposed();
        }

        return bytes is null ? default : MemoryMarshal.Cast<byte, T>(bytes.Span.Slice(_start, _count * Unsafe.SizeOf<T>()));
    }

    /// <summary>Keeps an argument beyond the turn: it is disposed by whoever holds it from now on. Does nothing for a payload that has an owner already.</summary>
    /// <returns>This.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed or sent, or the turn has ended.</exception>
    public Payload<T> Detach()
    {
        ((IDecodedPayload)this).HandOver();
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
        return this;
    }

    /// <summary>Gives the memory back. A second time, or after it was sent, it does nothing.</summary>
    public void Dispose() => Dispose(disposing: true);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_count, nameof(elementIndex));
        if (!TryHold())
        {
            ThrowDisposed();
        }

        if (_bytes is not { } bytes)
        {
            LetGo();
            return default;
        }

        int offset = elementIndex * Unsafe.SizeOf<T>();
        return BytesPin.Pin(bytes.Memory.Slice(_start + offset, (_count * Unsafe.SizeOf<T>()) - offset), LetGo);
    }

    /// <summary>Does nothing: a handle that <see cref="Pin"/> gave is disposed by itself.</summary>
    public override void Unpin()
    {
    }

    /// <summary>A payload with an owner.</summary>
    /// <param name="bytes">What it is in; a reference is taken over. Null for none.</param>
    /// <param name="start">Where it starts there.</param>
    /// <param name="count">How many values.</param>
    internal static Payload<T> OwnedBy(ICountedBytes? bytes, int start, int count)
    {
        var payload = new Payload<T>(bytes, start, count, Owned);
        payload.Guard();
        return payload;
    }

    /// <summary>A payload that belongs to the message it came with, until somebody says otherwise.</summary>
    internal static Payload<T> Of(ICountedBytes? bytes, int start, int count) => new(bytes, start, count, OfMessage);

    /// <summary>Takes what it holds; it is disposed by that.</summary>
    /// <param name="start">Where the values start.</param>
    /// <returns>What they are in, with a reference that the caller releases; null for no values.</returns>
    /// <exception cref="ObjectDisposedException">It was disposed or sent.</exception>
    internal ICountedBytes? Take(out int start)
    {
        ICountedBytes? bytes = TakeForMessage(out start);
        LetGo();
        return bytes;
    }

    /// <summary>The same for a message that may not be sent: it is disposed, but for its reference, until <see cref="ITakenValues.EndTake"/>.</summary>
    internal ICountedBytes? TakeForMessage(out int start)
    {
        start = _start;
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            ThrowDisposed();
        }

        ICountedBytes? bytes = _bytes;
        bytes?.Retain(); // The reference of its own is given up when the message is gone, or stays for those who pinned it.
        return bytes;
    }

    /// <inheritdoc/>
    void ITakenValues.EndTake(bool isGivenBack)
    {
        if (isGivenBack)
        {
            Volatile.Write(ref _isDisposed, 0); // On the thread that took it, which sends it another way next.
        }
        else
        {
            LetGo();
        }
    }

    /// <inheritdoc/>
    void IDecodedPayload.HandOver()
    {
        if (Interlocked.CompareExchange(ref _stage, Owned, OfMessage) == OfMessage)
        {
            Guard();
        }
    }

    /// <inheritdoc/>
    void IDecodedPayload.EndMessage()
    {
        if (Interlocked.CompareExchange(ref _stage, Ended, OfMessage) == OfMessage)
        {
            Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            LetGo();
        }
    }

    [DoesNotReturn]
    private static void ThrowDisposed() => throw new ObjectDisposedException(
        nameof(Payload<>), "The payload was disposed, or was sent, which uses it up, or was an argument of a turn that has ended; Detach() keeps an argument.");

    private void Guard()
    {
        if (_bytes is { IsLimited: true } bytes)
        {
            _guard = new PayloadGuard(bytes);
        }
    }

    private bool TryHold()
    {
        if (Volatile.Read(ref _isDisposed) != 0)
        {
            return false;
        }

        for (int holds = Volatile.Read(ref _holds); holds > 0;)
        {
            int before = Interlocked.CompareExchange(ref _holds, holds + 1, holds);
            if (before == holds)
            {
                return true;
            }

            holds = before;
        }

        return false;
    }

    /// <summary>The owner, or somebody who pinned it, lets go; the last one releases the bytes.</summary>
    private void LetGo()
    {
        if (Interlocked.Decrement(ref _holds) != 0)
        {
            return;
        }

        ICountedBytes? bytes = _bytes;
        _bytes = null;
        if (_guard is null || _guard.TryDisarm())
        {
            bytes?.Release();
        }
    }
}
