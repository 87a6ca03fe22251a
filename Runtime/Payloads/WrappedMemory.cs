using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kameo.Actors.Transport.Frames;

namespace Kameo.Actors.Payloads;

/// <summary>Memory that somebody gave away, as counted bytes. At the last release its owner, if it has one, is disposed; what that throws concerns nobody who releases.</summary>
/// <param name="memory">The memory.</param>
/// <param name="owner">Disposed once; null if the garbage collector sees to it.</param>
internal sealed class WrappedMemory<T>(Memory<T> memory, IDisposable? owner) : MemoryManager<byte>, ICountedBytes
    where T : unmanaged
{
    private int _references = 1;

    /// <inheritdoc/>
    public Span<byte> Span => GetSpan();

    /// <inheritdoc/>
    public bool IsLimited => false;

    /// <inheritdoc/>
    public bool IsPlain { get; } = MemoryMarshal.TryGetArray<T>(memory, out _);

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => MemoryMarshal.AsBytes(memory.Span);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        (int value, int within) = Math.DivRem(elementIndex, Unsafe.SizeOf<T>());
        return within == 0 ? memory[value..].Pin() : throw new ArgumentOutOfRangeException(nameof(elementIndex), elementIndex, "No value starts there.");
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // The handle that Pin gave is that of the memory.
    }

    /// <inheritdoc/>
    public void Retain() => Interlocked.Increment(ref _references); // By a holder only, so it was above zero.

    /// <inheritdoc/>
    [SuppressMessage("Design", "CA1031", Justification = "An owner may throw anything.")]
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) != 0 || owner is null)
        {
            return;
        }

        try
        {
            owner.Dispose();
        }
        catch (Exception)
        {
            // It runs wherever the last part was sent or read: in somebody else's turn, or after the call.
        }
    }

    /// <inheritdoc/>
    public void Abandon() => Interlocked.Increment(ref _references); // Never disposed: somebody may still read it.

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Released, not disposed.
    }
}
