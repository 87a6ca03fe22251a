namespace Kameo.Actors.Activations;

/// <summary>The turns of an activation beside its own; made with the first of them. The executor only.</summary>
internal sealed class BesideTurns
{
    private BesideTurn? _free;

    /// <summary>The newest, which links the others; null for none.</summary>
    public BesideTurn? LastMade { get; private set; }

    /// <summary>Takes one, or makes it.</summary>
    /// <param name="of">The activation.</param>
    public BesideTurn Rent(Activation of)
    {
        BesideTurn turn = _free ?? (LastMade = new BesideTurn(of) { NextMade = LastMade });
        _free = turn.NextFree;
        turn.NextFree = null;
        return turn;
    }

    /// <summary>Takes it back.</summary>
    public void Free(BesideTurn turn)
    {
        turn.NextFree = _free;
        _free = turn;
    }
}
