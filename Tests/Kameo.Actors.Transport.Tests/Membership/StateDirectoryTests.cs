using Kameo.Actors.Transport.Membership;
using Kameo.Actors.Transport.Tests.Nodes;
using Kameo.Actors.Transport.Views;

namespace Kameo.Actors.Transport.Tests.Membership;

/// <summary>A state directory that fails when a life ends.</summary>
public sealed class StateDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kameo-state-");

    [Fact]
    public async Task A_node_whose_state_cannot_be_deleted_goes_on_as_another_incarnation_all_the_same()
    {
        string state = Path.Combine(_folder.FullName, "state");
        string away = Path.Combine(_folder.FullName, "away");
        var log = new CapturedLog();
        using SecretKey key = SecretKey.Generate();
        TransportOptions options = SmallCluster.Options(options =>
        {
            options.Key = key;
            options.LoggerFactory = log;
            options.Membership!.StateDirectory = state;
            options.Membership.Observer = new LifeObserver(() =>
            {
                if (Directory.Exists(away))
                {
                    Directory.Move(away, state); // What the next life keeps can be written.
                }
            });
        });
        await using TransportNode node = await TransportNode.StartAsync(options);
        await Eventually.TrueAsync(() => node.Membership!.IsServing, "a lease");
        ulong before = node.Incarnation;
        ((MemberShell)node.Control!).Order((core, now) =>
        {
            Directory.Move(state, away);
            core.Rejoin(now);
        });
        await Eventually.TrueAsync(() => node.Incarnation != before && node.Membership!.IsServing, "another incarnation that serves");
        await Eventually.TrueAsync(() => log.Lines.Any(static line => line.Contains("cannot be deleted", StringComparison.Ordinal)), "a line that says so");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private sealed class LifeObserver(Action onLife) : IMembershipObserver
    {
        public void OnLife(NodeLife life) => onLife();

        public void OnView(TransportNode node, View view, ViewCore? core)
        {
        }

        public void OnSettled(long epoch)
        {
        }

        public void OnLease(NodeLife life)
        {
        }

        public void OnLifeEnded(NodeLife life, LifeEnd reason)
        {
        }
    }
}
