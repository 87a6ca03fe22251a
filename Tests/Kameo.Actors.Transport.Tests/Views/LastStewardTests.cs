using Kameo.Actors.Transport.Views;
using Kameo.Actors.Transport.Views.Log;

namespace Kameo.Actors.Transport.Tests.Views;

/// <summary>The only steward leaves, and is disturbed while it hands its place over: without it nobody could be elected, so it ends that first.</summary>
public sealed class LastStewardTests
{
    public enum Disturbance
    {
        /// <summary>It hears nothing for so long that it gives leadership up.</summary>
        CutOff,

        /// <summary>Its process is ended, and started again with its state.</summary>
        Restarted,

        /// <summary>The same, and the other hears of it late.</summary>
        RestartedAndCutOff,
    }

    [Theory]
    [InlineData(Disturbance.CutOff, LogEntryKind.Change)]
    [InlineData(Disturbance.CutOff, LogEntryKind.StewardsFinal)]
    [InlineData(Disturbance.Restarted, LogEntryKind.Change)]
    [InlineData(Disturbance.Restarted, LogEntryKind.StewardsFinal)]
    [InlineData(Disturbance.RestartedAndCutOff, LogEntryKind.Change)]
    [InlineData(Disturbance.RestartedAndCutOff, LogEntryKind.StewardsFinal)]
    internal void The_cluster_goes_on_without_it(Disturbance disturbance, LogEntryKind written)
    {
        CoreBus bus = new(2);
        Assert.True(bus.RunUntil(() => Array.TrueForAll(bus.Cores, core => core.Installed.Members.Count == 2 && core.MayEnter(bus.Now)), TimeSpan.FromSeconds(20)));
        int last = Array.IndexOf(bus.Cores, bus.Leader);
        int other = 1 - last;
        Assert.Equal([bus.Cores[last].Self], bus.Cores[last].Installed.Stewards);
        MemberId stays = bus.Cores[other].Self;

        bus.Cores[last].Leave(bus.Now);
        Assert.True(bus.RunUntil(() => bus.Cores[last].Log.Tip is { Electorate: var electorate, Entry.Kind: var kind } && kind == written && electorate.Contains(stays), TimeSpan.FromSeconds(5)));
        if (disturbance != Disturbance.CutOff)
        {
            bus.Restart(last);
        }

        if (disturbance != Disturbance.Restarted)
        {
            bus.Cut(last, other);
            bus.RunUntil(static () => false, TimeSpan.FromSeconds(4));
            bus.Heal();
        }

        Assert.True(
            bus.RunUntil(() => bus.Cores[other] is { Raft.Role: RaftRole.Leader, Log.Tip.Electorate: { IsJoint: false } stewards } core && stewards.Contains(core.Self) && core.MayEnter(bus.Now), TimeSpan.FromSeconds(30)),
            $"{bus.Cores[last].Phase} {bus.Cores[last].Raft.Role}, {bus.Cores[other].Phase} {bus.Cores[other].Raft.Role}");
        Assert.Equal(stays, bus.Cores[other].Self);
        Assert.NotNull(bus.Cores[other].Installed.FindPeer(stays.Peer));
    }
}
