namespace Kameo.Actors.Calls;

/// <summary>On what terms calls are made through one reference, where they are not the node's. Immutable.</summary>
/// <param name="Timeout">How long asks may take, and tells may wait to be sent; null: as their methods or the node say.</param>
/// <param name="Delay">How long after the call it is sent; zero: at once.</param>
/// <param name="Recall">Takes back what was not sent yet.</param>
internal sealed record ReferenceTerms(TimeSpan? Timeout, TimeSpan Delay = default, CancellationToken Recall = default);
