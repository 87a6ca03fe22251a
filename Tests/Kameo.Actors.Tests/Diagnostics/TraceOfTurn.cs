using Kameo.Actors.Activations;
using Kameo.Actors.Calls;
using Kameo.Actors.Diagnostics;

namespace Kameo.Actors.Tests.Diagnostics;

/// <summary>What the runtime keeps and does not show.</summary>
internal static class TraceOfTurn
{
    /// <summary>The trace that the calls of the turn that runs here belong to.</summary>
    public static string Id() => Turn.Current?.Call?.Trace?.Parent is { } parent ? TraceExtension.Decode(parent, isRemote: true).TraceId.ToString() : "none";

    /// <summary>Whether the node of a reference places its actor on itself.</summary>
    public static bool IsHere(this object reference) => ((ActorReference)reference).FindRoute()!.Host.IsLocal;
}
