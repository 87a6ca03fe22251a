namespace Kameo.Actors.Activations;

/// <summary>One run of a turn, from its beginning to its end: the turn itself is used again. Any thread.</summary>
/// <param name="turn">The turn.</param>
internal sealed class TurnRun(Turn turn)
{
    private volatile bool _isOver;

    /// <summary>The turn.</summary>
    public Turn Turn => turn;

    /// <summary>Whether it has ended.</summary>
    public bool IsOver => _isOver;

    /// <summary>It has ended. The executor.</summary>
    public void End() => _isOver = true;
}
