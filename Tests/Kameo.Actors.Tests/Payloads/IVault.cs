using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Orleans;

namespace Kameo.Actors.Tests.Payloads;

/// <summary>Takes payloads in all ways, and says where they lay.</summary>
internal interface IVault : IGrainWithStringKey
{
    ValueTask<Sight> Look(Payload<float> payload);

    ValueTask<Sight> LookAtBytes(string text, Payload<byte> payload);

    ValueTask<Sight> LookInside(Parcel parcel);

    ValueTask<Sight> LookAtMemory(ReadOnlyMemory<Sample> samples);

    ValueTask<int> Measure(ReadOnlyMemory<byte> bytes);

    ValueTask<ReadOnlyMemory<byte>> PassMemory(ReadOnlyMemory<byte> bytes);

    ValueTask Detach(Payload<float> payload);

    ValueTask Forget(Payload<float> payload);

    ValueTask<string> UseKept(bool dispose);

    ValueTask<Payload<int>> Give(int count);

    ValueTask<Payload<byte>?> Pass(Payload<byte>? payload);

    ValueTask<Parcel> Wrap(Payload<Sample> first, Payload<long> second);

    ValueTask Wait(Payload<float> payload, CancellationToken cancellation);

    ValueTask Fail(Payload<float> payload);

    IAsyncEnumerable<float> Each(Payload<float> payload);

    ValueTask Nothing();
}

/// <summary>What a method saw of a payload.</summary>
/// <param name="Length">How many values.</param>
/// <param name="Sum">Of all.</param>
/// <param name="Misalignment">The address of the first, modulo 16.</param>
internal sealed record Sight(int Length, double Sum, int Misalignment);

/// <summary>A message with payloads inside.</summary>
internal sealed record Parcel(string Label, Payload<Sample> First, Payload<long>? Second);

/// <summary>A value of several.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Sample(Guid Id, double Value, int Count, DayOfWeek Day);

/// <summary>Where values lie.</summary>
internal static class Address
{
    public static int Misalignment<T>(ReadOnlySpan<T> values) =>
        (int)(Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(values))) & 15);
}
