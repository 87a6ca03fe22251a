using System.Runtime.CompilerServices;
using System.Threading.Channels;
using System.Threading.Tasks.Sources;
using Orleans;

namespace Kameo.Actors.Benchmarks.Contenders;

/// <summary>What the local benchmarks call: arguments and results are immutable, the method ends at once.</summary>
public interface IAdder : IGrainWithIntegerKey
{
    ValueTask<long> Add(long amount);

    ValueTask Note(long amount);

    ValueTask<long> Count();
}

/// <summary>The actor.</summary>
public sealed class AdderActor : Actor, IAdder
{
    private long _sum;
    private long _count;

    public ValueTask<long> Add(long amount) => new(_sum += amount);

    public ValueTask Note(long amount)
    {
        _sum += amount;
        _count++;
        return default;
    }

    public ValueTask<long> Count() => new(_count);
}

/// <summary>An actor that is only activated.</summary>
public interface IIdle : IGrainWithIntegerKey
{
    ValueTask<bool> Touch();
}

/// <summary>It has no fields of its own.</summary>
public sealed class IdleActor : Actor, IIdle
{
    public ValueTask<bool> Touch() => new(true);
}

/// <summary>The same object without an actor: what a call through an interface costs. One caller at a time.</summary>
internal sealed class PlainAdder : IAdder
{
    private long _sum;
    private long _count;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public ValueTask<long> Add(long amount) => new(_sum += amount);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public ValueTask Note(long amount)
    {
        _sum += amount;
        _count++;
        return default;
    }

    public ValueTask<long> Count() => new(_count);
}

/// <summary>What a developer writes instead of an actor: a channel, one reader, and an answer that is pooled.</summary>
internal sealed class ChannelAdder : IAdder, IDisposable
{
    private readonly Channel<Call> _calls;
    private long _sum;
    private long _count;

    public ChannelAdder(int capacity)
    {
        _calls = Channel.CreateBounded<Call>(new BoundedChannelOptions(capacity) { SingleReader = true });
        _ = Task.Run(RunAsync);
    }

    public ValueTask<long> Add(long amount)
    {
        Call call = Call.Rent(amount);
        ValueTask<long> answer = call.Answer;
        ValueTask written = _calls.Writer.WriteAsync(call);
        return written.IsCompletedSuccessfully ? answer : After(written, answer);

        static async ValueTask<long> After(ValueTask written, ValueTask<long> answer)
        {
            await written.ConfigureAwait(false);
            return await answer.ConfigureAwait(false);
        }
    }

    public ValueTask Note(long amount) => _calls.Writer.WriteAsync(Call.OfTell(amount));

    public ValueTask<long> Count() => new(Volatile.Read(ref _count));

    public void Dispose() => _calls.Writer.TryComplete();

    private async Task RunAsync()
    {
        while (await _calls.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (_calls.Reader.TryRead(out Call? call))
            {
                _sum += call.Amount;
                Volatile.Write(ref _count, _count + 1);
                call.End(_sum);
            }
        }
    }

    /// <summary>A queued call and its answer; kept for the thread that used it last.</summary>
    private sealed class Call : IValueTaskSource<long>
    {
        private const int KeptMax = 1024;

        [ThreadStatic]
        private static Stack<Call>? t_free;

        private ManualResetValueTaskSourceCore<long> _core = new() { RunContinuationsAsynchronously = true };
        private bool _isTell;

        public long Amount { get; private set; }

        public ValueTask<long> Answer => new(this, _core.Version);

        public static Call Rent(long amount)
        {
            Call call = (t_free ??= []).TryPop(out Call? kept) ? kept : new Call();
            call.Amount = amount;
            return call;
        }

        public static Call OfTell(long amount) => new() { Amount = amount, _isTell = true };

        public void End(long result)
        {
            if (!_isTell)
            {
                _core.SetResult(result);
            }
        }

        public long GetResult(short token)
        {
            long result = _core.GetResult(token);
            _core.Reset();
            Stack<Call> free = t_free ??= [];
            if (free.Count < KeptMax)
            {
                free.Push(this);
            }

            return result;
        }

        public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _core.OnCompleted(continuation, state, token, flags);
    }
}
