
namespace Kameo.Actors.Tests.Payloads;

internal sealed class VaultActor : Actor, IVault
{
    private Payload<float>? _kept;

    /// <summary>Set when <see cref="Wait"/> has begun.</summary>
    public static TaskCompletionSource Waits { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ValueTask<Sight> Look(Payload<float> payload) => new(See(payload));

    public ValueTask<Sight> LookAtBytes(string text, Payload<byte> payload)
    {
        long sum = 0;
        foreach (byte value in payload.Span)
        {
            sum += value;
        }

        return new(new Sight(payload.Length, sum, Address.Misalignment<byte>(payload.Span)));
    }

    public ValueTask<Sight> LookInside(Parcel parcel) => new(new Sight(
        parcel.First.Length, parcel.First.Span.ToArray().Sum(static sample => sample.Value), Address.Misalignment<Sample>(parcel.First.Span) + Address.Misalignment<long>(parcel.Second!.Span)));

    public ValueTask<Sight> LookAtMemory(ReadOnlyMemory<Sample> samples) => new(new Sight(samples.Length, samples.ToArray().Sum(static sample => sample.Value), 0));

    public ValueTask<int> Measure(ReadOnlyMemory<byte> bytes) => new(bytes.ToArray().Sum(static one => one));

    public ValueTask<ReadOnlyMemory<byte>> PassMemory(ReadOnlyMemory<byte> bytes) => new(bytes);

    public ValueTask Detach(Payload<float> payload)
    {
        _kept = payload.Detach();
        return default;
    }

    public ValueTask Forget(Payload<float> payload)
    {
        _kept = payload;
        return default;
    }

    public ValueTask<string> UseKept(bool dispose)
    {
        try
        {
            float sum = 0;
            foreach (float value in _kept!.Span)
            {
                sum += value;
            }

            if (dispose)
            {
                _kept.Dispose();
                _kept.Dispose();
            }

            return new(sum.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }
        catch (ObjectDisposedException)
        {
            return new("disposed");
        }
    }

    public ValueTask<Payload<int>> Give(int count)
    {
        Payload<int> payload = Payload.Rent<int>(count);
        for (int index = 0; index < count; index++)
        {
            payload.Span[index] = index;
        }

        return new(payload);
    }

    public ValueTask<Payload<byte>?> Pass(Payload<byte>? payload) => new(payload);

    public ValueTask<Parcel> Wrap(Payload<Sample> first, Payload<long> second) => new(new Parcel("wrapped", first, second));

    public async ValueTask Wait(Payload<float> payload, CancellationToken cancellation)
    {
        Waits.TrySetResult();
        await Task.Delay(Timeout.Infinite, cancellation);
    }

    public ValueTask Fail(Payload<float> payload) => throw new InvalidOperationException($"after {payload.Length}");

    public async IAsyncEnumerable<float> Each(Payload<float> payload)
    {
        using (payload)
        {
            for (int index = 0; index < payload.Length; index++)
            {
                yield return payload.Span[index];
            }
        }
    }

    public ValueTask Nothing() => default;

    private static Sight See(Payload<float> payload)
    {
        double sum = 0;
        foreach (float value in payload.Span)
        {
            sum += value;
        }

        return new Sight(payload.Length, sum, Address.Misalignment<float>(payload.Span));
    }
}
