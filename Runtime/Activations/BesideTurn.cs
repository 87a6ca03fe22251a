namespace Kameo.Actors.Activations;

/// <summary>A turn that begins while the activation's own waits: of reentrant classes, interleaving methods and open call chains; and that of items which are read in it.</summary>
/// <param name="home">Where it runs.</param>
internal sealed class BesideTurn(Activation home) : Turn
{
    /// <inheritdoc cref="Turn.Activation"/>
    public Activation Home => home;

    /// <summary>The next older one of the activation.</summary>
    public BesideTurn? NextMade { get; init; }

    /// <summary>Another free one of the activation.</summary>
    public BesideTurn? NextFree { get; set; }
}
