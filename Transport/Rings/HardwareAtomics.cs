using System.Runtime.CompilerServices;

namespace Kameo.Actors.Transport.Rings;

/// <summary>The atomics of the machine.</summary>
internal readonly struct HardwareAtomics : IRingAtomics
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Read(ref long location) => Volatile.Read(ref location);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ref long location, long value) => Volatile.Write(ref location, value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long CompareExchange(ref long location, long value, long comparand) => Interlocked.CompareExchange(ref location, value, comparand);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadLength(ref int location) => Volatile.Read(ref location);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteLength(ref int location, int length) => Volatile.Write(ref location, length);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Fence() => Interlocked.MemoryBarrier();

    /// <inheritdoc/>
    public void Pause(ref SpinWait spinner) => spinner.SpinOnce();
}
