using Kameo.Actors.Activations;
using Kameo.Actors.Context;

namespace Kameo.Actors;

/// <summary>While it is open, what <see cref="RequestContext.AllowCallChainReentrancy"/> or <see cref="RequestContext.SuppressCallChainReentrancy"/> said holds. Disposed once, in the flow that made it.</summary>
public readonly struct ReentrancySection : IDisposable
{
    private readonly Turn? _turn;
    private readonly Guid _before;
    private readonly Guid _id;

    internal ReentrancySection(Guid id)
    {
        _before = RequestContext.ReentrancyId;
        _id = id;
        if (id != Guid.Empty && Turn.Current is { } turn)
        {
            _turn = turn;
            turn.Activation.OpenSection(id, turn);
        }

        Say(id);
    }

    /// <summary>Ends it: what comes back to the actor waits for its turn again.</summary>
    public void Dispose()
    {
        if (_turn is { } turn)
        {
            if (ReferenceEquals(Turn.Current, turn))
            {
                turn.Activation.CloseSection(_id, turn);
            }
            else
            {
                turn.Post(static closed => Close(((Guid, Turn))closed!), (_id, turn));
            }
        }

        Say(_before);
    }

    private static void Close((Guid Id, Turn Turn) section) => section.Turn.Activation.CloseSection(section.Id, section.Turn);

    private static void Say(Guid id) => RequestContext.Enter((RequestContext.Current ?? RequestContextValues.Empty).WithReentrancy(id));
}
