using Orleans;
using Orleans.Concurrency;

namespace Kameo.Actors.Tests.Turns;

/// <summary>An actor that reads itself by way of another one.</summary>
public interface IMirror : IGrainWithStringKey
{
    /// <summary>Asks another one to read this one.</summary>
    [ReadOnly]
    Task<string> Look(string other);

    /// <summary>Waits at the gate, then reads another one.</summary>
    Task<string> Reflect(string other);

    [ReadOnly]
    Task<string> Read();

    Task Change();

    [AlwaysInterleave]
    Task Pass();
}

public sealed class MirrorActor : Actor, IMirror
{
    private bool _isChanged;

    public async Task<string> Look(string other) => $"{Key} {await Actors.Get<IMirror>(other).Reflect(Key.Text)}";

    public async Task<string> Reflect(string other)
    {
        Hall.GateOf(other, "reflects").Entered.SetResult();
        await Hall.GateOf(other, "reflects").Open.Task;
        return await Actors.Get<IMirror>(other).Read();
    }

    public Task<string> Read() => Task.FromResult(_isChanged ? "changed" : "unchanged");

    public Task Change()
    {
        _isChanged = true;
        return Task.CompletedTask;
    }

    public Task Pass() => Task.CompletedTask;
}
