using Kameo.Actors.Slots.Direct;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Simulation.Actors;

/// <summary>One end of a connection for requests, as direct ways see it.</summary>
/// <param name="member">With whom.</param>
/// <param name="put">Sends a note on it, in line with requests.</param>
internal sealed class SimLine(MemberId member, Action<DirectNote> put) : IDirectLine
{
    /// <inheritdoc/>
    public MemberId Member => member;

    /// <inheritdoc/>
    public long PeerEpoch { get; set; } = long.MinValue;

    /// <inheritdoc/>
    public ActorId HintedOf { get; set; }

    /// <inheritdoc/>
    public TimeSpan HintedAt { get; set; }

    /// <summary>Until when senders do not find it, in simulated time.</summary>
    public long HiddenUntil { get; set; }

    /// <inheritdoc/>
    public void Put(in DirectNote note) => put(note);
}
