using Kameo.Actors.Tests.Actors;
using Orleans;

namespace Kameo.Actors.Tests.Local;

/// <summary>An actor that tells how its constructor ran.</summary>
public interface IBegun : IGrainWithStringKey
{
    ValueTask<string> Contexts();

    /// <summary>Whether constructor and method ran on the caller's stack.</summary>
    ValueTask<bool> IsInline();

    /// <summary>Asks for its end, and waits. Whether it ran on the caller's stack.</summary>
    ValueTask<bool> Leave(Gate gate);

    ValueTask Note(int number);

    ValueTask<List<int>> Notes();
}

/// <summary>Does in its constructor what the test says.</summary>
public sealed class BegunActor : Actor, IBegun
{
    private readonly bool _isInline;
    private readonly string _seen;
    private readonly List<int> _notes = [];

    public BegunActor()
    {
        Made.AddOrUpdate($"{Key}", 1, static (_, before) => before + 1);
        _isInline = LocalActor.IsCalling;
        _seen = Contexts("constructor");
        During?.Invoke(TimeProvider);
    }

    /// <summary>How often each was constructed.</summary>
    public static System.Collections.Concurrent.ConcurrentDictionary<string, int> Made { get; } = new();

    /// <summary>What all constructors do.</summary>
    public static Action<TimeProvider>? During { get; set; }

    public ValueTask<string> Contexts() => new($"{_seen}; {Contexts("method")}");

    public ValueTask<bool> IsInline() => new(_isInline && LocalActor.IsCalling);

    public async ValueTask<bool> Leave(Gate gate)
    {
        bool isInline = LocalActor.IsCalling;
        DeactivateOnIdle();
        await CounterActor.GateOf(gate.Number).Task;
        return isInline;
    }

    public ValueTask Note(int number)
    {
        _notes.Add(number);
        return default;
    }

    public ValueTask<List<int>> Notes() => new(_notes);

    private static string Contexts(string where)
    {
        string seen = $"{where} {SynchronizationContext.Current?.GetType().Name} {LocalActor.Ambient ?? "none"} {RequestContext.Get("tenant") ?? "nobody"}";
        LocalActor.Ambient = where;
        RequestContext.Set("tenant", where);
        SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
        return seen;
    }
}

/// <summary>The same with an activation of its own.</summary>
public interface IBegunSlowly : IGrainWithStringKey
{
    ValueTask<bool> IsInline();
}

public sealed class BegunSlowlyActor : Actor, IBegunSlowly
{
    public override async ValueTask OnActivateAsync(CancellationToken cancellation) => await Task.Yield();

    public ValueTask<bool> IsInline() => new(LocalActor.IsCalling);
}

/// <summary>The same that asks for its end as it is constructed.</summary>
public interface IBegunBriefly : IGrainWithStringKey
{
    /// <summary>How many were constructed with it.</summary>
    ValueTask<int> Number();
}

public sealed class BegunBrieflyActor : Actor, IBegunBriefly
{
    private static int s_last;
    private readonly int _number = Interlocked.Increment(ref s_last);

    public BegunBrieflyActor() => DeactivateOnIdle();

    public ValueTask<int> Number() => new(_number);
}
