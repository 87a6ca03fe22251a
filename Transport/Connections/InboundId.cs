using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport.Connections;

/// <summary>An id of a peer, and what it stands for here. Used by the receive loop alone.</summary>
/// <param name="id">The id.</param>
internal sealed class InboundId(byte[] id)
{
    /// <summary>Who understands its space; null when nobody does.</summary>
    public RequestRouter? Router { get; private set; }

    /// <summary>The router's object; null when there is nothing of that id.</summary>
    public object? Value { get; private set; }

    /// <summary>What a numbered target holds of the window; null for a method, or an id that came in full.</summary>
    public TargetLoad? Load { get; private set; }

    /// <summary>Looks what it stands for now.</summary>
    /// <param name="from">Whose id it is.</param>
    /// <param name="isMethod">Whether it is a method; else a target.</param>
    /// <param name="number">Its number there; 0 for none.</param>
    public bool TryResolve(Connection from, bool isMethod, uint number)
    {
        Router = id.Length == 0 ? null : from.Node.RouterOf(id[0]);
        Value = isMethod ? Router?.ResolveMethod(from, id) : Router?.ResolveTarget(from, id);
        if (!isMethod && number != 0)
        {
            Load ??= new TargetLoad(from, number);
        }

        return Value is not null;
    }
}
