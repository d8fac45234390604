import Glibc
import StandIn

@main enum Main {
    static func main() { exit(ScriptedModel.main(CommandLine.arguments)) }
}
