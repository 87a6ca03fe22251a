using System.Buffers;
using System.Runtime.CompilerServices;
using Kameo.Actors.Payloads;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors;

/// <summary>Makes payloads to send.</summary>
public static class Payload
{
    /// <summary>Memory of the pool, to be filled: it starts at a multiple of 64, and holds whatever was there before.</summary>
    /// <typeparam name="T">The values.</typeparam>
    /// <param name="length">How many; the payload has exactly so many. At most 2 GiB of them.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative, or too large.</exception>
    public static Payload<T> Rent<T>(int length)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, LengthMax<T>());
        return Payload<T>.OwnedBy(length == 0 ? null : BlockPool.Rent(length * Unsafe.SizeOf<T>()), 0, length);
    }

    /// <summary>Memory of the pool with a copy of values.</summary>
    /// <typeparam name="T">The values.</typeparam>
    /// <param name="values">What is copied.</param>
    public static Payload<T> Copy<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        Payload<T> payload = Rent<T>(values.Length);
        values.CopyTo(payload.Span);
        return payload;
    }

    /// <summary>
    /// Memory that the caller gives away, as it is: an array that nobody writes to any more. To another node it is sent from there, some time after the call if it is long; on a call within the node
    /// the callee gets it. It need not be aligned; at another node it arrives so.
    /// </summary>
    /// <typeparam name="T">The values.</typeparam>
    /// <param name="memory">The memory.</param>
    public static Payload<T> Wrap<T>(Memory<T> memory)
        where T : unmanaged => Wrap(memory, null);

    /// <summary>
    /// Memory that the caller gives away together with its owner, which is disposed once it was sent or read. Where it is no array's, what is too large for a frame is copied once, during the call:
    /// no code of a memory manager runs later, or under a lock.
    /// </summary>
    /// <typeparam name="T">The values.</typeparam>
    /// <param name="owner">The owner; disposed on any thread, and what that throws is ignored.</param>
    /// <param name="length">How many values of its memory there are.</param>
    public static Payload<T> Wrap<T>(IMemoryOwner<T> owner, int length)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(owner);
        return Wrap(owner.Memory[..length], owner);
    }

    private static Payload<T> Wrap<T>(Memory<T> memory, IDisposable? owner)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(memory.Length, LengthMax<T>(), nameof(memory));
        return Payload<T>.OwnedBy(new WrappedMemory<T>(memory, owner), 0, memory.Length);
    }

    private static int LengthMax<T>() => Array.MaxLength / Unsafe.SizeOf<T>();
}
