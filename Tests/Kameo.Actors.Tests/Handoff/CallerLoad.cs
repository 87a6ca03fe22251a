using System.Collections.Concurrent;

namespace Kameo.Actors.Tests.Handoff;

/// <summary>A caller on one node: sends asks and tells to many actors without waiting for the answers, numbered for each actor, until it is stopped.</summary>
internal sealed class CallerLoad
{
    private const int Burst = 12;
    private const int InFlightMax = 96;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<Exception> _failures = new();
    private readonly SemaphoreSlim _places = new(InFlightMax);
    private readonly IVisited[] _actors;
    private readonly long[] _sent;
    private readonly string[] _keys;
    private readonly Random _random;
    private readonly string _name;
    private readonly Task _run;
    private long _answered;

    public CallerLoad(ActorNode node, string world, string name, int actors, int seed, bool tells = true)
    {
        _name = name;
        _random = new Random(seed);
        _keys = [.. Enumerable.Range(0, actors).Select(index => $"{world}/{index}")];
        _actors = [.. _keys.Select((key, index) => index % 2 == 0 ? (IVisited)node.Get<IWanderer>(key) : node.Get<ISilent>(key))];
        _sent = new long[actors];
        _run = Task.Run(() => RunAsync(tells));
    }

    /// <summary>What failed.</summary>
    public IReadOnlyCollection<Exception> Failures => _failures;

    /// <summary>How many asks were answered.</summary>
    public long Answered => Volatile.Read(ref _answered);

    /// <summary>Sends no more; completes when all is answered.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run;
        for (int place = 0; place < InFlightMax; place++)
        {
            await _places.WaitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    /// <summary>Calls that were sent and never ran.</summary>
    public IEnumerable<string> Missing()
    {
        for (int index = 0; index < _keys.Length; index++)
        {
            long ran = Ledger.Of(_keys[index]).LastOf(_name);
            if (ran != _sent[index])
            {
                yield return $"{_keys[index]} had {ran} of {_sent[index]} from {_name}";
            }
        }
    }

    private async Task RunAsync(bool tells)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!_stop.IsCancellationRequested)
        {
            for (int count = 0; count < Burst; count++)
            {
                await _places.WaitAsync();
                int index = _random.Next(_random.Next(4) == 0 ? _actors.Length : Math.Min(_actors.Length, 20)); // Some actors have several calls under way.
                long number = ++_sent[index];
                _ = tells && _random.Next(3) == 0 ? TellAsync(_actors[index].Tell().Visit(_name, number))
                    : AskAsync(_random.Next(3) == 0 ? _actors[index].VisitSlowly(_name, number) : _actors[index].Visit(_name, number));
            }

            await pace.WaitForNextTickAsync();
        }
    }

    private async Task AskAsync(ValueTask<string> ask)
    {
        try
        {
            await ask;
            Interlocked.Increment(ref _answered);
        }
        catch (Exception exception)
        {
            _failures.Enqueue(exception);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task TellAsync(ValueTask tell)
    {
        try
        {
            await tell;
        }
        catch (Exception exception)
        {
            _failures.Enqueue(exception);
        }
        finally
        {
            _places.Release();
        }
    }
}
