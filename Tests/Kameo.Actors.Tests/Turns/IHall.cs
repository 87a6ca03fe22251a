using Kameo.Actors.Tests.Membership;
using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Turns;

/// <summary>An actor whose turns wait at gates and note when they begin and end.</summary>
public interface IHall : IGrainWithStringKey
{
    /// <summary>Waits at the gate of its name.</summary>
    Task Visit(string name);

    /// <summary>The same, and its thread with it.</summary>
    Task Block(string name);

    /// <summary>Waits at the gate of its name, beside whatever runs.</summary>
    [AlwaysInterleave]
    Task Watch(string name);

    /// <summary>What was noted. It passes what waits, so all that was sent before it has been looked at when it runs.</summary>
    [AlwaysInterleave]
    ValueTask<string[]> Notes();
}

/// <summary>A reentrant one.</summary>
public interface IOpenHall : IHall;

/// <summary>One that is not.</summary>
public interface IPlainHall : IHall;

/// <summary>One that is read and written.</summary>
public interface IShelf : IHall
{
    /// <summary>Waits at the gate of its name, beside others that read.</summary>
    [ReadOnly]
    Task Read(string name);
}

/// <summary>What all of them do.</summary>
public abstract class Hall : Actor
{
    private readonly List<string> _notes = [];

    public async Task Visit(string name)
    {
        Begin(name);
        await GateOf(Key.Text, name).Open.Task;
        _notes.Add($"{name} ends");
    }

    public Task Watch(string name) => Visit(name);

    public Task Block(string name)
    {
        Begin(name);
        GateOf(Key.Text, name).Open.Task.Wait(TimeSpan.FromSeconds(20));
        _notes.Add($"{name} ends");
        return Task.CompletedTask;
    }

    public ValueTask<string[]> Notes() => new([.. _notes]);

    public static ProbeGates.Gate GateOf(string key, string name) => ProbeGates.Of($"{key}/{name}");

    private void Begin(string name)
    {
        _notes.Add($"{name} begins");
        GateOf(Key.Text, name).Entered.TrySetResult();
    }
}

[Reentrant]
public sealed class OpenHallActor : Hall, IOpenHall;

public sealed class PlainHallActor : Hall, IPlainHall;

public sealed class ShelfActor : Hall, IShelf
{
    public Task Read(string name) => Visit(name);
}
