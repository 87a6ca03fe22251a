using System.Collections.Concurrent;
using Orleans;

namespace Kameo.Actors.Tests.Deadlocks;

/// <summary>An actor that asks, as it activates, the one that asked it first.</summary>
public interface ICurious : IGrainWithStringKey
{
    Task<string> Introduce(string other);

    ValueTask<string> Hello();
}

public sealed class CuriousActor : Actor, ICurious
{
    private static readonly ConcurrentDictionary<string, string> s_introducers = new();
    private string _said = "nothing";

    public async Task<string> Introduce(string other)
    {
        s_introducers[other] = Key.Text;
        return await AskAsync(other);
    }

    public ValueTask<string> Hello() => new(_said);

    public override async ValueTask OnActivateAsync(CancellationToken cancellation)
    {
        if (s_introducers.TryGetValue(Key.Text, out string? first))
        {
            _said = await AskAsync(first);
        }
    }

    private async Task<string> AskAsync(string other)
    {
        try
        {
            return await Actors.Get<ICurious>(other).Hello();
        }
        catch (ActorDeadlockException told)
        {
            return told.Chain;
        }
    }
}
