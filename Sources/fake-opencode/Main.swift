import Glibc
import StandIn

@main enum Main {
    static func main() { exit(FakeProgram.main(CommandLine.arguments)) }
}
